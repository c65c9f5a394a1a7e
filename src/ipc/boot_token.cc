#include "ipc/boot_token.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace brink::ipc {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

Result<BootToken> BootToken::random() {
  BootToken token;
  // Up to 256 bytes are never cut short once the kernel's pool is ready.
  if (::getrandom(token.bytes_.data(), token.bytes_.size(), 0) !=
      static_cast<ssize_t>(token.bytes_.size())) {
    return std::unexpected(errno_error(ErrorCode::internal, "getrandom", errno));
  }
  return token;
}

Result<BootToken> BootToken::parse(std::string_view hex) {
  BootToken token;
  if (hex.size() != 2 * token.bytes_.size()) {
    return fail(ErrorCode::usage, "a boot token must have 32 hexadecimal digits");
  }
  for (std::size_t i = 0; i < token.bytes_.size(); ++i) {
    const auto high = kDigits.find(hex[2 * i]);
    const auto low = kDigits.find(hex[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return fail(ErrorCode::usage, "a boot token must have 32 hexadecimal digits");
    }
    token.bytes_[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return token;
}

Result<BootToken> BootToken::take_from_environment() {
  char* const value = std::getenv(kVariable);
  if (value == nullptr) {
    return fail(ErrorCode::usage, std::string(kVariable) + " is not set",
                "this role is started by the node, not by hand");
  }
  auto token = parse(value);
  // unsetenv only drops the pointer; the digits would stay in /proc/self/environ.
  for (char* p = value; *p != '\0'; ++p) *p = '0';
  ::unsetenv(kVariable);
  return token;
}

std::string BootToken::hex() const {
  std::string text;
  for (const std::uint8_t byte : bytes_) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool operator==(const BootToken& a, const BootToken& b) noexcept {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.bytes_.size(); ++i) difference |= a.bytes_[i] ^ b.bytes_[i];
  return difference == 0;
}

}  // namespace brink::ipc
