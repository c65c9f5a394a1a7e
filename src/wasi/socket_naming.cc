#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/result.h"
#include "wasi/socket.h"

namespace brink::wasi {
namespace {

std::unexpected<Errno> host_failure() { return std::unexpected(from_host(errno)); }

/// [::]: every address of the machine, IPv4 ones included.
bool is_wildcard_v6(const net::SocketAddress& address) {
  if (address.family() != AF_INET6) return false;
  sockaddr_in6 v6{};
  std::memcpy(&v6, address.data(), sizeof v6);
  return IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr);
}

void set_only_v6(int socket, int value) {
  (void)::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value);
}

net::SocketAddress any_address(int family) {
  if (family == AF_INET) return net::SocketAddress();
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  return net::SocketAddress(any);
}

}  // namespace

Outcome<void> Socket::bind_now(Network& network, const net::SocketAddress& address) {
  auto lease = network.bind(descriptor_.get(), transport(), address);
  if (!lease) return std::unexpected(lease.error());
  lease_ = *std::move(lease);
  return {};
}

Outcome<void> Socket::bind(Network* network, const net::SocketAddress& address) {
  if (network == nullptr) return std::unexpected(Errno::acces);
  if (address.family() != family_) return std::unexpected(Errno::afnosupport);
  if (wanted_ || role_ == Role::listener || connecting_) return std::unexpected(Errno::inval);
  const bool any_port = address.port() == 0;
  // A client that wants nothing in particular has no need for bind(2).
  if (!network->serves() && any_port) return {};
  if (transport() == Transport::stream && !any_port) {
    wanted_ = address;
    return {};
  }
  // Datagrams may arrive from now on, and a port of the kernel's choice is asked for
  // right away.
  if (is_wildcard_v6(address)) set_only_v6(descriptor_.get(), 0);
  TRY_VOID(bind_now(*network, address));
  if (transport() == Transport::stream) wanted_ = address;
  return {};
}

Outcome<void> Socket::bind_wanted(Network* network) {
  if (!wanted_ || lease_) return {};
  if (network == nullptr) return std::unexpected(Errno::acces);
  TRY_VOID(bind_now(*network, *wanted_));
  lease_.reset();  // a client's port, which nobody connects to
  wanted_.reset();
  return {};
}

Outcome<void> Socket::bind_unix(const UnixName& name, const KernelAddress& address) {
  if (::bind(descriptor_.get(), address.get(), address.size) != 0) return host_failure();
  own_name_ = name;
  return {};
}

Outcome<void> Socket::listen(Network* network, int backlog) {
  if (transport() == Transport::datagram) return std::unexpected(Errno::notsup);
  if (role_ == Role::connection || connecting_) return std::unexpected(Errno::inval);
  if (family_ == AF_UNIX || role_ == Role::listener) {
    if (::listen(descriptor_.get(), backlog) != 0) return host_failure();
    role_ = Role::listener;
    return {};
  }
  if (network == nullptr) return std::unexpected(Errno::acces);
  const auto bound = lease_ ? Network::Bound::yes : Network::Bound::no;
  const net::SocketAddress address = wanted_.value_or(any_address(family_));
  // libc sends 1 for every boolean option, so "only IPv6" may mean its opposite:
  // it counts where IPv4 has the port already.
  const bool wildcard = is_wildcard_v6(address);
  if (wildcard) set_only_v6(descriptor_.get(), 0);
  auto lease = network->listen(descriptor_.get(), address, bound, backlog);
  if (!lease && lease.error() == Errno::addrinuse && wildcard && settings_.only_v6) {
    set_only_v6(descriptor_.get(), 1);
    lease = network->listen(descriptor_.get(), address, bound, backlog);
  }
  if (!lease) return std::unexpected(lease.error());
  lease_ = *std::move(lease);
  wanted_.reset();
  role_ = Role::listener;
  return {};
}

Outcome<void> Socket::connect(Network* network, const net::SocketAddress& address) {
  if (network == nullptr) return std::unexpected(Errno::acces);
  if (role_ == Role::listener) return std::unexpected(Errno::isconn);
  if (address.family() != family_) return std::unexpected(Errno::afnosupport);
  const bool allowed = network->may_reach(transport(), address);
  if (!allowed && transport() == Transport::stream) return std::unexpected(Errno::acces);
  // Look-ups connect datagram sockets to learn which addresses the machine has; of
  // the errors that they understand, this one says "not this way".
  if (!allowed && !address.is_loopback()) return std::unexpected(Errno::hostunreach);
  TRY_VOID(bind_wanted(network));
  if (::connect(descriptor_.get(), address.data(), address.size()) == 0) {
    mute_ = !allowed;
    connecting_ = false;
    role_ = Role::connection;
    return {};
  }
  if (errno == EINPROGRESS || errno == EALREADY) {
    const bool begun = std::exchange(connecting_, true);
    return std::unexpected(begun ? Errno::already : Errno::inprogress);
  }
  const Errno error = from_host(errno);
  if (error != Errno::isconn) connecting_ = false;
  return std::unexpected(error);
}

Outcome<void> Socket::connect_unix(const UnixName& name, const KernelAddress& address) {
  if (role_ == Role::listener) return std::unexpected(Errno::inval);
  if (::connect(descriptor_.get(), address.get(), address.size) != 0) return host_failure();
  peer_name_ = name;
  role_ = Role::connection;
  return {};
}

Outcome<void> Socket::disconnect() {
  if (transport() != Transport::datagram) return std::unexpected(Errno::afnosupport);
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  if (::connect(descriptor_.get(), &none, sizeof none) != 0) return host_failure();
  mute_ = false;
  peer_name_ = {};
  return {};
}

Outcome<GuestAddress> Socket::name_from_kernel(const sockaddr_storage& address,
                                               socklen_t size) const {
  if (address.ss_family != AF_UNIX) {
    auto inet = net::SocketAddress::from(address, size);
    if (!inet) return std::unexpected(Errno::io);
    return *std::move(inet);
  }
  sockaddr_un un{};
  std::memcpy(&un, &address, sizeof un);
  const std::size_t used = size - std::min<std::size_t>(size, offsetof(sockaddr_un, sun_path));
  // Paths are the host's: the guest's are remembered where they are given.
  if (used < 2 || un.sun_path[0] != 0) return UnixName{};
  // Abstract names have the family's prefix in front: "brink/FAMILY/".
  std::string_view name(un.sun_path + 1, used - 1);
  for (int part = 0; part < 2; ++part)
    name.remove_prefix(std::min(name.size(), name.find('/') + 1));
  return UnixName{UnixName::Kind::abstract, std::string(name)};
}

Outcome<GuestAddress> Socket::local() const {
  if (family_ == AF_UNIX) return own_name_;
  if (wanted_ && !lease_) return *wanted_;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return host_failure();
  }
  return name_from_kernel(address, size);
}

Outcome<GuestAddress> Socket::peer() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return host_failure();
  }
  if (peer_name_.kind != UnixName::Kind::unnamed) return peer_name_;
  return name_from_kernel(address, size);
}

Socket::Status Socket::status() const {
  if (role_ == Role::listener || transport() == Transport::datagram || family_ == AF_UNIX) {
    return Status::opened;
  }
  if (role_ == Role::fresh && !connecting_) return Status::opening;
  // An error stays for the send or receive that is to report it: poll(2) only looks.
  pollfd entry{.fd = descriptor_.get(), .events = POLLIN | POLLOUT, .revents = 0};
  if (::poll(&entry, 1, 0) < 0) return Status::failed;
  if ((entry.revents & POLLERR) != 0) return Status::failed;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return Status::failed;
  }
  if (info.tcpi_state == TCP_SYN_SENT || info.tcpi_state == TCP_SYN_RECV) return Status::opening;
  return info.tcpi_state == TCP_CLOSE ? Status::closed : Status::opened;
}

}  // namespace brink::wasi
