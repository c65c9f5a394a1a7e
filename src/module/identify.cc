#include "module/identify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace brink::module {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\0asm"sv;
constexpr std::size_t kHeaderSize = 8;

/// Files that people pass by mistake, by their first bytes.
struct Signature {
  std::string_view prefix;
  std::string_view message;
  std::string_view remedy;
};

constexpr std::string_view kBuildRemedy = "build the program for wasm32-wasip1 and pass the .wasm";

constexpr std::array kSignatures = {
    Signature{"\x7f"
              "ELF"sv,
              "this is a native (ELF) program, not WebAssembly", kBuildRemedy},
    Signature{"MZ"sv, "this is a Windows program, not WebAssembly", kBuildRemedy},
    Signature{"\xcf\xfa\xed\xfe"sv, "this is a native (Mach-O) program, not WebAssembly",
              kBuildRemedy},
    Signature{"!<arch>\n"sv, "this is a library archive, not WebAssembly",
              "link it into a program"},
    Signature{"BC\xc0\xde"sv, "this is LLVM bitcode, not WebAssembly",
              "link it with -flto for wasm32-wasip1 and pass the .wasm"},
    Signature{"\x1f\x8b"sv, "this file is compressed with gzip", "unpack it with gunzip first"},
    Signature{"\x28\xb5\x2f\xfd"sv, "this file is compressed with zstd",
              "unpack it with zstd -d first"},
    Signature{"PK\x03\x04"sv, "this is a zip archive, not WebAssembly", "unpack it first"},
    Signature{"\0webc"sv, "this is a WEBC package, not a bare module",
              "unpack the package and pass the .wasm in it"},
    Signature{"#!"sv, "this is a script, not WebAssembly",
              "pass the interpreter's .wasm and give the script as its argument"},
    Signature{"<"sv, "this is an HTML or XML page, not WebAssembly",
              "check the address it was loaded from"},
};

bool is_text_module(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  return text.starts_with("(module") || text.starts_with("(component") || text.starts_with(";;") ||
         text.starts_with("(;");
}

std::unexpected<Error> not_wasm(std::string_view text) {
  if (is_text_module(text)) {
    return fail(ErrorCode::module_invalid, "this is WebAssembly text (.wat), not a binary",
                "translate it with wat2wasm or wasm-tools parse first");
  }
  const auto* known = std::ranges::find_if(
      kSignatures, [&](const Signature& candidate) { return text.starts_with(candidate.prefix); });
  if (known != kSignatures.end()) {
    return fail(ErrorCode::module_invalid, std::string(known->message), std::string(known->remedy));
  }
  return fail(ErrorCode::module_invalid,
              "this is not WebAssembly: it does not begin with the bytes \\0asm",
              std::string(kBuildRemedy));
}

}  // namespace

Result<void> check_is_module(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 4096));
  if (text.empty()) {
    return fail(ErrorCode::module_invalid, "the file is empty", "check that the build succeeded");
  }
  if (!text.starts_with(kMagic)) return not_wasm(text);
  if (text.size() < kHeaderSize) {
    return fail(ErrorCode::module_invalid,
                fmt::format("the file ends after {} bytes, inside the header", text.size()),
                "it was cut short: build or download it again");
  }
  const auto u16 = [&](std::size_t at) {
    return static_cast<unsigned>(bytes[at]) | static_cast<unsigned>(bytes[at + 1]) << 8;
  };
  const unsigned version = u16(4);
  const unsigned layer = u16(6);
  if (layer == 1) {
    return fail(ErrorCode::module_invalid, "this is a component; brink serves core modules",
                "build for wasm32-wasip1, or pass the core module before wasm-tools component new");
  }
  if (version != 1 || layer != 0) {
    return fail(ErrorCode::module_invalid,
                fmt::format("WebAssembly version {} (layer {}) is unknown; brink reads version 1",
                            version, layer),
                std::string(kBuildRemedy));
  }
  return {};
}

}  // namespace brink::module
