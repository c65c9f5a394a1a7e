#include "wasi/host_network.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace brink::wasi {
namespace {

std::unexpected<Errno> host_failure() { return std::unexpected(from_host(errno)); }

/// To the kernel "any address" as a destination is the machine itself.
bool means_this_machine(const net::SocketAddress& address) {
  if (address.is_loopback()) return true;
  if (address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address.data(), sizeof v4);
    return v4.sin_addr.s_addr == 0;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, address.data(), sizeof v6);
  constexpr in6_addr kMappedAny = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}}};
  return IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr) ||
         std::memcmp(&v6.sin6_addr, &kMappedAny, sizeof kMappedAny) == 0;
}

/// The port after bind(2): the one that was asked for, or for 0 the kernel's choice.
std::uint16_t port_of(int socket, const net::SocketAddress& asked) {
  if (asked.port() != 0) return asked.port();
  const auto local = net::SocketAddress::local(socket);
  return local ? local->port() : std::uint16_t{0};
}

}  // namespace

HostNetwork::HostNetwork(Options options) : options_(std::move(options)) {
  prefix_ = "brink/" + options_.family + "/";
}

bool HostNetwork::offers(int family) const noexcept {
  return family == AF_INET || family == AF_INET6 || (family == AF_UNIX && serves());
}

bool HostNetwork::may_reach(Transport transport, const net::SocketAddress& address) const noexcept {
  if (means_this_machine(address) && options_.servers != nullptr &&
      options_.servers->holds(transport, address.port())) {
    return true;
  }
  return options_.egress.allows(address);
}

Outcome<std::unique_ptr<Network::Lease>> HostNetwork::bind(
    int socket, Transport transport, const net::SocketAddress& address) noexcept {
  if (!serves()) return std::unexpected(Errno::acces);
  if (::bind(socket, address.data(), address.size()) != 0) return host_failure();
  return options_.servers->lease(transport, port_of(socket, address));
}

Outcome<std::unique_ptr<Network::Lease>> HostNetwork::listen(int socket,
                                                             const net::SocketAddress& address,
                                                             Bound bound, int backlog) noexcept {
  if (!serves()) return std::unexpected(Errno::acces);
  if (bound == Bound::no && ::bind(socket, address.data(), address.size()) != 0) {
    return host_failure();
  }
  if (::listen(socket, backlog) != 0) return host_failure();
  return options_.servers->lease(Transport::stream, port_of(socket, address));
}

}  // namespace brink::wasi
