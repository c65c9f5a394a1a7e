#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace brink::cli {

/// An address to listen on. Names are not resolved: what is bound must be plain to
/// see.
struct Endpoint {
  std::string host;        ///< an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;  ///< 0: the system chooses
  bool operator==(const Endpoint&) const = default;
};

/// "127.0.0.1:8080", "[::1]:0". Errors are of code `usage`.
Result<Endpoint> parse_endpoint(std::string_view text);

/// The form that parse_endpoint reads.
std::string to_string(const Endpoint& endpoint);

}  // namespace brink::cli
