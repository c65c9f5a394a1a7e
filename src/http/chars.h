#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace brink::http {

/// Bit set of the grammar classes a byte belongs to (RFC 9110 5.6, RFC 9112 3.2, RFC 3986).
enum CharClass : std::uint8_t {
  kToken = 1,       ///< tchar: methods, field names, list members
  kFieldValue = 2,  ///< HTAB, SP, VCHAR and obs-text: no other control byte
  kTarget = 4,      ///< 0x21 to 0x7e without '#': what a request target may hold
  kHost = 8,        ///< letters, digits and "-._~": what a host name may hold
  kHex = 16,
};

constexpr bool is_alpha(unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
constexpr bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

constexpr std::array<std::uint8_t, 256> make_char_table() {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  constexpr std::string_view kHostMarks = "-._~";
  std::array<std::uint8_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    const auto c = static_cast<unsigned char>(i);
    const bool alnum = is_alpha(c) || is_digit(c);
    const auto mark = static_cast<char>(c);
    unsigned bits = 0;
    if (alnum || kTokenMarks.find(mark) != std::string_view::npos) bits |= kToken;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) bits |= kFieldValue;
    if (c > 0x20 && c < 0x7f && c != '#') bits |= kTarget;
    if (alnum || kHostMarks.find(mark) != std::string_view::npos) bits |= kHost;
    if (is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) bits |= kHex;
    table[i] = static_cast<std::uint8_t>(bits);
  }
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kCharTable = make_char_table();

constexpr bool is(CharClass wanted, char c) {
  return (kCharTable[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// True when every byte is of the class; true for an empty view. One pass
/// without branches, so that long field values cost about a cycle a byte.
constexpr bool all(CharClass wanted, std::string_view text) {
  unsigned common = wanted;
  for (const char c : text) common &= kCharTable[static_cast<unsigned char>(c)];
  return common != 0;
}

constexpr bool is_token(std::string_view text) { return !text.empty() && all(kToken, text); }

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// The value of one hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace brink::http
