#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace brink::http {

/// host[:port] taken apart; views into it.
struct Authority {
  std::string_view host;   ///< a name, an IPv4 address, or "[IPv6]"
  std::uint16_t port = 0;  ///< 0 when there is none (or an empty one)
};

/// Reads an authority without user information. Stricter than RFC 3986: names
/// are made of letters, digits and "-._~" only. Percent-encoding and sub-delims
/// would be second spellings of a name that routing compares; brackets must
/// hold an IPv6 address without zone. `what` names the place in messages.
[[nodiscard]] Result<Authority> parse_authority(std::string_view text, std::string_view what);

/// True when both name the same host and port: case ignored, and a missing port
/// is `default_port` (0 = a missing port equals only a missing one).
[[nodiscard]] bool same_authority(const Authority& a, const Authority& b,
                                  std::uint16_t default_port) noexcept;

}  // namespace brink::http
