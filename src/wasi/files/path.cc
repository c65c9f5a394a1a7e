#include "wasi/files/path.h"

#include <algorithm>
#include <cstdint>

#include "wasi/files/host_call.h"

namespace brink::wasi::files {
namespace {

/// The length of the UTF-8 sequence that `text` begins with, 0 if it is none.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint8_t first = byte(0);
  const std::uint8_t second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return continues(1) ? 2 : 0;
  if (first < 0xF0) {
    if (first == 0xE0 && second < 0xA0) return 0;   // not the shortest form
    if (first == 0xED && second >= 0xA0) return 0;  // a surrogate
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second >= 0x90) return 0;  // above U+10FFFF
  return continues(1) && continues(2) && continues(3) ? 4 : 0;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Outcome<void> check_path(std::string_view path, PathRules rules) {
  if (path.empty()) return refuse(Errno::noent);
  if (path.size() > kMaxPath) return refuse(Errno::nametoolong);
  if (path.contains('\0')) return refuse(Errno::inval);
  if (rules == PathRules::capability && !is_utf8(path)) return refuse(Errno::ilseq);
  std::string_view rest = path;
  for (auto name = take_component(rest); !name.empty(); name = take_component(rest)) {
    if (name.size() > kMaxName) return refuse(Errno::nametoolong);
  }
  return {};
}

std::string_view take_component(std::string_view& rest) noexcept {
  const std::size_t start = std::min(rest.find_first_not_of('/'), rest.size());
  rest.remove_prefix(start);
  const std::size_t length = std::min(rest.find('/'), rest.size());
  const std::string_view name = rest.substr(0, length);
  rest.remove_prefix(length);
  return name;
}

bool has_dot_dot(std::string_view path) noexcept {
  for (auto name = take_component(path); !name.empty(); name = take_component(path)) {
    if (name == "..") return true;
  }
  return false;
}

void append_path(std::string& to, std::string_view more) {
  for (auto name = take_component(more); !name.empty(); name = take_component(more)) {
    if (name == ".") continue;
    to += '/';
    to += name;
  }
}

}  // namespace brink::wasi::files
