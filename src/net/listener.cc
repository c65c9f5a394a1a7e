#include "net/listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace brink::net {
namespace {

enum class PortSharing : unsigned char { exclusive, within_group };

Error bind_error(const SocketAddress& address, int error) {
  const std::string where = address.to_string();
  Error result = errno_error(ErrorCode::io_error, "can't listen on " + where, error);
  switch (error) {
    case EADDRINUSE:
      result.code = ErrorCode::address_in_use;
      result.remedy = "stop what uses port " + std::to_string(address.port()) +
                      " (ss -lntup shows it), or choose another port";
      break;
    case EACCES:
      result.remedy = "ports below 1024 need root or CAP_NET_BIND_SERVICE; choose a higher port";
      break;
    case EADDRNOTAVAIL:
      result.remedy = "use an address of this machine (ip addr shows them), or 0.0.0.0 for all";
      break;
    case EAFNOSUPPORT:
      result.remedy = "this machine has no such protocol; use an IPv4 address";
      break;
    case EMFILE:
    case ENFILE:
      result.code = ErrorCode::resource_exhausted;
      result.remedy = "raise the limit of open files (ulimit -n)";
      break;
    default:
      break;
  }
  return result;
}

bool set_option(int socket, int level, int name) {
  const int on = 1;
  return ::setsockopt(socket, level, name, &on, sizeof on) == 0;
}

Result<UniqueFd> bound_socket(const SocketAddress& address, int type, PortSharing sharing) {
  UniqueFd socket(::socket(address.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  bool ok = static_cast<bool>(socket);
  // TCP only: after a restart, connections of the old one in TIME_WAIT must not
  // hold the port. For UDP the option would let others take our datagrams.
  if (type == SOCK_STREAM) ok = ok && set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  if (sharing == PortSharing::within_group) {
    ok = ok && set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT);
  }
  if (address.family() == AF_INET6) {
    ok = ok && set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  }
  ok = ok && ::bind(socket.get(), address.data(), address.size()) == 0;
  if (!ok) return std::unexpected(bind_error(address, errno));
  return socket;
}

}  // namespace

Result<TcpListeners> open_tcp_listeners(const SocketAddress& address, std::size_t count) {
  if (count == 0 || count > kMaxListenersPerAddress) {
    return fail(ErrorCode::usage, "can't open " + std::to_string(count) + " listeners on one port",
                "use between 1 and " + std::to_string(kMaxListenersPerAddress) + " workers");
  }
  // Fails if anybody listens there; finds a port if none is given; and holds it
  // until all of ours are bound beside it (none listens yet, so all may be).
  TRY(UniqueFd probe, bound_socket(address, SOCK_STREAM, PortSharing::exclusive));
  TcpListeners result;
  TRY(result.address, SocketAddress::local(probe.get()));
  for (std::size_t i = 0; i < count; ++i) {
    TRY(UniqueFd socket, bound_socket(result.address, SOCK_STREAM, PortSharing::within_group));
    if (!set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY)) {
      return std::unexpected(bind_error(result.address, errno));
    }
    result.sockets.push_back(std::move(socket));
  }
  probe.reset();
  for (const UniqueFd& socket : result.sockets) {
    if (::listen(socket.get(), kListenBacklog) != 0) {
      return std::unexpected(bind_error(result.address, errno));
    }
  }
  return result;
}

Result<UniqueFd> open_udp_socket(const SocketAddress& address) {
  return bound_socket(address, SOCK_DGRAM, PortSharing::exclusive);
}

}  // namespace brink::net
