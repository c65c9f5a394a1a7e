#include "cli/endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "package/diagnostics.h"

namespace brink::cli {
namespace {

enum class Family : std::uint8_t { ipv4, ipv6 };

bool is_address(Family family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(family == Family::ipv4 ? AF_INET : AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::usage, fmt::format("{} {}", package::in_quotes(text), why),
                "write ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad("has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  Family family = Family::ipv4;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    family = Family::ipv6;
  } else if (host.contains(':')) {
    return bad("needs brackets around its IPv6 address");
  }
  Endpoint endpoint{std::string(host), 0};
  if (!is_address(family, endpoint.host)) return bad("does not begin with an IP address");
  const auto [rest, problem] =
      std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (problem != std::errc() || rest != port.data() + port.size()) {
    return bad("does not end in a port from 0 to 65535");
  }
  return endpoint;
}

std::string to_string(const Endpoint& endpoint) {
  const bool brackets = endpoint.host.contains(':');
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", endpoint.host, brackets ? "]" : "",
                     endpoint.port);
}

}  // namespace brink::cli
