#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace brink::net {

/// An IPv4 or IPv6 address with a port. A value; thread-safe when const.
class SocketAddress {
 public:
  /// 0.0.0.0:0.
  SocketAddress() noexcept;
  explicit SocketAddress(const sockaddr_in& address) noexcept : v4_(address) {}
  explicit SocketAddress(const sockaddr_in6& address) noexcept : v6_(address) {}

  /// From what accept, getsockname or getpeername filled in. Fails (io_error)
  /// on any other family, or when `size` is too small for the family.
  static Result<SocketAddress> from(const sockaddr_storage& address, socklen_t size);

  /// The address that `socket` is bound to (getsockname).
  static Result<SocketAddress> local(int socket);

  [[nodiscard]] const sockaddr* data() const noexcept { return &any_; }
  [[nodiscard]] socklen_t size() const noexcept;
  [[nodiscard]] int family() const noexcept { return any_.sa_family; }
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] SocketAddress with_port(std::uint16_t port) const noexcept;

  /// 127.0.0.0/8, ::1, or ::ffff:127.0.0.0/104.
  [[nodiscard]] bool is_loopback() const noexcept;

  /// "127.0.0.1", "::1", "fe80::1%2": no brackets, no port.
  [[nodiscard]] std::string host() const;

  /// "127.0.0.1:80", "[::1]:80": what parse_socket_address reads back.
  [[nodiscard]] std::string to_string() const;

  /// Family, address, scope and port; flow labels do not count.
  friend bool operator==(const SocketAddress& a, const SocketAddress& b) noexcept;

 private:
  union {
    sockaddr any_;
    sockaddr_in v4_;
    sockaddr_in6 v6_;
  };
};

/// "127.0.0.1:8080", "[::1]:8080", "[fe80::1%eth0]:0", and ":8080" or "8080" for
/// every IPv4 address. Port 0 asks the kernel for a free one. Names are not
/// resolved: an address to listen on is written down, not looked up. The error
/// (usage) says which half is wrong and shows a right example.
Result<SocketAddress> parse_socket_address(std::string_view text);

}  // namespace brink::net
