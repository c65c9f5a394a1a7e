#include "net/socket_address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace brink::net {
namespace {

constexpr std::string_view kExample = "write ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080";

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || last != end) return std::nullopt;
  return port;
}

/// "eth0" or "2": the interface that a link-local address belongs to.
std::optional<std::uint32_t> parse_scope(std::string_view text) {
  std::uint32_t index = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, index);
  if (error == std::errc() && last == end) return index;
  index = ::if_nametoindex(std::string(text).c_str());
  return index == 0 ? std::nullopt : std::optional(index);
}

Result<SocketAddress> parse_v6(std::string_view text, std::string_view host, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  if (const auto percent = host.find('%'); percent != std::string_view::npos) {
    const auto scope = parse_scope(host.substr(percent + 1));
    if (!scope) {
      return fail(ErrorCode::usage, "no network interface named in \"" + std::string(text) + "\"",
                  "list the interfaces with: ip link");
    }
    address.sin6_scope_id = *scope;
    host = host.substr(0, percent);
  }
  if (::inet_pton(AF_INET6, std::string(host).c_str(), &address.sin6_addr) != 1) {
    return fail(ErrorCode::usage, "not an IPv6 address: \"" + std::string(text) + "\"",
                std::string(kExample));
  }
  return SocketAddress(address);
}

Result<SocketAddress> parse_v4(std::string_view text, std::string_view host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (!host.empty() && ::inet_pton(AF_INET, std::string(host).c_str(), &address.sin_addr) != 1) {
    const bool looks_v6 = host.find(':') != std::string_view::npos;
    return fail(
        ErrorCode::usage, "not an IP address: \"" + std::string(text) + "\"",
        looks_v6 ? "put an IPv6 address in brackets, such as [::1]:8080" : std::string(kExample));
  }
  return SocketAddress(address);
}

}  // namespace

SocketAddress::SocketAddress() noexcept : v6_{} { any_.sa_family = AF_INET; }

Result<SocketAddress> SocketAddress::from(const sockaddr_storage& address, socklen_t size) {
  if (address.ss_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return SocketAddress(v4);
  }
  if (address.ss_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    return SocketAddress(v6);
  }
  return fail(ErrorCode::io_error, "not an Internet address (family " +
                                       std::to_string(address.ss_family) + ", " +
                                       std::to_string(size) + " bytes)");
}

Result<SocketAddress> SocketAddress::local(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::unexpected(errno_error(ErrorCode::io_error, "getsockname", errno));
  }
  return from(storage, size);
}

socklen_t SocketAddress::size() const noexcept {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::uint16_t SocketAddress::port() const noexcept {
  return ntohs(family() == AF_INET6 ? v6_.sin6_port : v4_.sin_port);
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const noexcept {
  SocketAddress copy = *this;
  (family() == AF_INET6 ? copy.v6_.sin6_port : copy.v4_.sin_port) = htons(port);
  return copy;
}

bool SocketAddress::is_loopback() const noexcept {
  if (family() == AF_INET) return (ntohl(v4_.sin_addr.s_addr) >> 24) == 127;
  const in6_addr& ip = v6_.sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ip) || (IN6_IS_ADDR_V4MAPPED(&ip) && ip.s6_addr[12] == 127);
}

std::string SocketAddress::host() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (family() == AF_INET) return ::inet_ntop(AF_INET, &v4_.sin_addr, text, sizeof text);
  std::string host = ::inet_ntop(AF_INET6, &v6_.sin6_addr, text, sizeof text);
  if (v6_.sin6_scope_id != 0) host += "%" + std::to_string(v6_.sin6_scope_id);
  return host;
}

std::string SocketAddress::to_string() const {
  const std::string port_text = std::to_string(port());
  return family() == AF_INET6 ? "[" + host() + "]:" + port_text : host() + ":" + port_text;
}

bool operator==(const SocketAddress& a, const SocketAddress& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_INET) return a.v4_.sin_addr.s_addr == b.v4_.sin_addr.s_addr;
  return a.v6_.sin6_scope_id == b.v6_.sin6_scope_id &&
         std::memcmp(&a.v6_.sin6_addr, &b.v6_.sin6_addr, sizeof(in6_addr)) == 0;
}

Result<SocketAddress> parse_socket_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::usage, "an address with a zero byte in it", std::string(kExample));
  }
  const auto colon = text.rfind(':');
  const bool has_colon = colon != std::string_view::npos;
  const std::string_view port_text = has_colon ? text.substr(colon + 1) : text;
  std::string_view host = has_colon ? text.substr(0, colon) : std::string_view();
  if (text.ends_with(']') || (!has_colon && text.find('.') != std::string_view::npos)) {
    return fail(ErrorCode::usage, "no port in \"" + std::string(text) + "\"",
                std::string(kExample));
  }
  const auto port = parse_port(port_text);
  if (!port) {
    return fail(ErrorCode::usage, "not a port: \"" + std::string(port_text) + "\"",
                "a port is a number from 0 to 65535; " + std::string(kExample));
  }
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    return parse_v6(text, host.substr(1, host.size() - 2), *port);
  }
  return parse_v4(text, host, *port);
}

}  // namespace brink::net
