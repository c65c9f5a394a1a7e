#include "wasi/testing/call_probe.h"

#include <cstdlib>
#include <fstream>
#include <list>
#include <string>

namespace brink::wasi::testing {
namespace {

struct Broken {
  std::string name;
  std::uint32_t result = 0;
};

const Broken& broken() {
  static const Broken kBroken = [] {
    const char* text = std::getenv("BRINK_BREAK_CALL");
    const std::string value = text != nullptr ? text : "";
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos) return Broken{};
    return Broken{value.substr(0, equals),
                  static_cast<std::uint32_t>(std::stoul(value.substr(equals + 1)))};
  }();
  return kBroken;
}

wasm::Attempt do_nothing(wasm::HostCall& /*call*/, const wasm::RawSlot* /*slots*/) noexcept {
  return wasm::Attempt::done(broken().result);
}

}  // namespace

void log_line(std::string_view kind, std::string_view text) {
  static const char* const kPath = std::getenv("BRINK_CALL_LOG");
  if (kPath == nullptr) return;
  std::ofstream(kPath, std::ios::app) << kind << ' ' << text << '\n';
}

const wasm::HostFunction& probe(const wasm::HostFunction& function) {
  log_line("call", function.name);
  if (broken().name.empty() || function.name != broken().name) return function;
  // Callers keep the address.
  static std::list<wasm::HostFunction> replaced;
  replaced.push_back(function);
  replaced.back().attempt = &do_nothing;
  return replaced.back();
}

}  // namespace brink::wasi::testing
