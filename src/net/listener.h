#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/socket_address.h"

namespace brink::net {

/// Connections that the kernel completes before anyone accepts them, per socket
/// (cut down by net.core.somaxconn).
inline constexpr int kListenBacklog = 4096;

/// More sockets than this on one address is a mistake, not a machine.
inline constexpr std::size_t kMaxListenersPerAddress = 1024;

/// The listening sockets of one address, one for each worker slot.
struct TcpListeners {
  SocketAddress address;  ///< with the real port, if 0 was asked for
  std::vector<UniqueFd> sockets;
};

/// Opens `count` listening sockets on `address` (SO_REUSEPORT: the kernel spreads
/// connections over them), non-blocking and close-on-exec. Either all of them are
/// open or none is.
///
/// SO_REUSEPORT would let a second brink of the same user join the port and take
/// half of its connections; the port is therefore first bound without it, and a
/// port on which anyone else listens is an error (address_in_use) that names it.
/// An IPv6 address is IPv6 only, so that "[::]:80" and "0.0.0.0:80" can both be
/// given. Accepted sockets inherit TCP_NODELAY, which is set here.
Result<TcpListeners> open_tcp_listeners(const SocketAddress& address, std::size_t count);

/// Opens one bound UDP socket, non-blocking and close-on-exec, without
/// SO_REUSEPORT: a public UDP port has exactly one owner.
Result<UniqueFd> open_udp_socket(const SocketAddress& address);

}  // namespace brink::net
