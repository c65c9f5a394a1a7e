#include "http/authority.h"

#include <arpa/inet.h>

#include <array>
#include <string>

#include "http/chars.h"
#include "http/field.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

bool is_ipv6_literal(std::string_view bracketed) noexcept {
  const std::string_view address = bracketed.substr(1, bracketed.size() - 2);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.size() >= text.size()) return false;
  address.copy(text.data(), address.size());
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, text.data(), &parsed) == 1;
}

/// Where the host ends: behind the bracket of an IPv6 literal, else at the colon.
std::size_t host_size(std::string_view text) noexcept {
  const std::size_t end = text.front() == '[' ? text.find(']') : text.find(':');
  if (end == std::string_view::npos) return text.size();
  return text.front() == '[' ? end + 1 : end;
}

[[gnu::cold]] std::unexpected<Error> refuse_in(std::string_view what, std::string_view reason) {
  return refuse(std::string(what) + " " + std::string(reason));
}

}  // namespace

Result<Authority> parse_authority(std::string_view text, std::string_view what) {
  if (text.empty()) return refuse_in(what, "names no host");
  Authority authority{text.substr(0, host_size(text)), 0};
  const std::string_view host = authority.host;
  if (host.empty()) return refuse_in(what, "names no host");
  if (host.front() == '[') {
    if (host.back() != ']' || !is_ipv6_literal(host)) {
      return refuse_in(what, "has brackets that hold no IPv6 address");
    }
  } else if (!all(kHost, host)) {
    return refuse_in(what, "has a byte that no host name has");
  }
  const std::string_view rest = text.substr(host.size());
  if (rest.empty()) return authority;
  if (rest.front() != ':') return refuse_in(what, "has text behind the address");
  std::uint32_t port = 0;
  for (const char c : rest.substr(1)) {
    if (!is_digit(static_cast<unsigned char>(c)))
      return refuse_in(what, "has a port that is not a number");
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > 65535) return refuse_in(what, "has a port above 65535");
  }
  if (rest.size() > 1 && port == 0) return refuse_in(what, "has port 0");
  authority.port = static_cast<std::uint16_t>(port);
  return authority;
}

bool same_authority(const Authority& a, const Authority& b, std::uint16_t default_port) noexcept {
  const auto port = [default_port](const Authority& of) {
    return of.port == 0 ? default_port : of.port;
  };
  return port(a) == port(b) && equals_ignoring_case(a.host, b.host);
}

}  // namespace brink::http
