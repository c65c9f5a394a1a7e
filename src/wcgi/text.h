#pragma once

#include <string>
#include <string_view>

namespace brink::wcgi {

/// At most 40 bytes of foreign text, fit to stand in a message: bytes that are
/// not printable ASCII become '?', and "..." follows where some are left out.
std::string excerpt(std::string_view text);

/// ASCII upper case, whatever the locale.
constexpr char to_upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

}  // namespace brink::wcgi
