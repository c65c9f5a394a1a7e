#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>

#include "wasi/calls.h"
#include "wasi/socket_lookup.h"

namespace brink::wasi::calls {
namespace {

/// WASIX's numbers of options.
enum class Option : std::uint8_t {
  noop = 0,
  reuse_port = 1,
  reuse_addr = 2,
  no_delay = 3,
  dont_route = 4,
  only_v6 = 5,
  broadcast = 6,
  multicast_loop_v4 = 7,
  multicast_loop_v6 = 8,
  promiscuous = 9,
  listening = 10,
  last_error = 11,
  keep_alive = 12,
  linger = 13,
  oob_inline = 14,
  receive_buffer = 15,
  send_buffer = 16,
  receive_least = 17,
  send_least = 18,
  receive_time = 19,
  send_time = 20,
  connect_time = 21,
  accept_time = 22,
  ttl = 23,
  multicast_ttl_v4 = 24,
  type = 25,
  protocol = 26,
};

/// The kernel's option behind a guest's.
struct HostOption {
  Option option;
  int level;
  int name;
};

constexpr std::array kFlags = {
    HostOption{Option::reuse_port, SOL_SOCKET, SO_REUSEPORT},
    HostOption{Option::reuse_addr, SOL_SOCKET, SO_REUSEADDR},
    HostOption{Option::no_delay, IPPROTO_TCP, TCP_NODELAY},
    HostOption{Option::dont_route, SOL_SOCKET, SO_DONTROUTE},
    HostOption{Option::broadcast, SOL_SOCKET, SO_BROADCAST},
    HostOption{Option::multicast_loop_v4, IPPROTO_IP, IP_MULTICAST_LOOP},
    HostOption{Option::multicast_loop_v6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    HostOption{Option::keep_alive, SOL_SOCKET, SO_KEEPALIVE},
    HostOption{Option::oob_inline, SOL_SOCKET, SO_OOBINLINE},
};

constexpr std::array kSizes = {
    HostOption{Option::receive_buffer, SOL_SOCKET, SO_RCVBUF},
    HostOption{Option::send_buffer, SOL_SOCKET, SO_SNDBUF},
    HostOption{Option::receive_least, SOL_SOCKET, SO_RCVLOWAT},
    HostOption{Option::send_least, SOL_SOCKET, SO_SNDLOWAT},
    HostOption{Option::multicast_ttl_v4, IPPROTO_IP, IP_MULTICAST_TTL},
};

template <std::size_t N>
std::optional<HostOption> find(const std::array<HostOption, N>& table, u32 number) {
  for (const HostOption& row : table) {
    if (static_cast<u32>(row.option) == number) return row;
  }
  return std::nullopt;
}

bool is(u32 number, Option option) { return number == static_cast<u32>(option); }

std::unexpected<Errno> host_failure() { return failed(from_host(errno)); }

Outcome<void> set_host(const Socket& socket, const HostOption& option, int value) {
  const int fd = socket.kernel_descriptor();
  if (::setsockopt(fd, option.level, option.name, &value, sizeof value) != 0) {
    return host_failure();
  }
  return {};
}

Outcome<int> get_host(const Socket& socket, const HostOption& option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket.kernel_descriptor(), option.level, option.name, &value, &size) != 0) {
    return host_failure();
  }
  return value;
}

HostOption ttl_option(const Socket& socket) {
  if (socket.family() == AF_INET6) return {Option::ttl, IPPROTO_IPV6, IPV6_UNICAST_HOPS};
  return {Option::ttl, IPPROTO_IP, IP_TTL};
}

std::optional<HostOption> size_option(const Socket& socket, u32 number) {
  if (is(number, Option::ttl)) return ttl_option(socket);
  return find(kSizes, number);
}

u32 guest_type(int host) {
  switch (host) {
    case SOCK_STREAM:
      return 1;
    case SOCK_DGRAM:
      return 2;
    case SOCK_SEQPACKET:
      return 4;
    default:
      return 3;
  }
}

/// The error that an operation in the background has left; it is gone then.
Outcome<Errno> take_error(const Socket& socket) {
  TRY(const int error, get_host(socket, {Option::last_error, SOL_SOCKET, SO_ERROR}));
  return error == 0 ? Errno::success : from_host(error);
}

/// The place of a time-out in Socket::Settings.
std::optional<std::size_t> time_index(u32 number) {
  if (number < static_cast<u32>(Option::receive_time) ||
      number > static_cast<u32>(Option::accept_time)) {
    return std::nullopt;
  }
  return number - static_cast<u32>(Option::receive_time);
}

struct GuestOptionTimestamp {
  std::uint8_t tag;  ///< 1: there is a time
  std::uint8_t pad[7];
  u64 nanoseconds;
};
static_assert(sizeof(GuestOptionTimestamp) == 16);
static_assert(offsetof(GuestOptionTimestamp, nanoseconds) == 8);

/// Closing a socket that lingers would hold up everything else; a reset at once
/// (zero) is the only form that the kernel is told of.
Outcome<void> set_linger(Socket& socket, std::optional<Duration> time) {
  linger value{};
  value.l_onoff = time && *time == Duration::zero() ? 1 : 0;
  if (::setsockopt(socket.kernel_descriptor(), SOL_SOCKET, SO_LINGER, &value, sizeof value) != 0) {
    return host_failure();
  }
  socket.settings().linger = time;
  return {};
}

template <class Request>
Outcome<void> change_membership(const Socket& socket, const HostOption& option,
                                const Request& request) {
  const int fd = socket.kernel_descriptor();
  if (::setsockopt(fd, option.level, option.name, &request, sizeof request) != 0) {
    return host_failure();
  }
  return {};
}

/// What a group sends comes in, what is sent to it goes out: it has to be reachable.
Outcome<Socket*> multicast_socket(const HostCall& call, u32 fd, const net::SocketAddress& group) {
  Process& process = Process::of(call);
  TRY(Socket * socket, lookup_socket(process, fd));
  if (process.network() == nullptr || !process.network()->may_reach(Transport::datagram, group)) {
    return failed(Errno::acces);
  }
  return socket;
}

using Address4 = std::array<std::uint8_t, 4>;
using Address6 = std::array<std::uint8_t, 16>;

Outcome<void> multicast_v4(const HostCall& call, u32 fd, u32 group, u32 interface, int option) {
  TRY(const Address4 group_bytes, load<Address4>(call, group));
  TRY(const Address4 interface_bytes, load<Address4>(call, interface));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ip_mreq request{};
  std::memcpy(&request.imr_multiaddr, group_bytes.data(), group_bytes.size());
  std::memcpy(&request.imr_interface, interface_bytes.data(), interface_bytes.size());
  address.sin_addr = request.imr_multiaddr;
  TRY(Socket * socket, multicast_socket(call, fd, net::SocketAddress(address)));
  return change_membership(*socket, {Option::noop, IPPROTO_IP, option}, request);
}

Outcome<void> multicast_v6(const HostCall& call, u32 fd, u32 group, u32 interface, int option) {
  TRY(const Address6 bytes, load<Address6>(call, group));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  ipv6_mreq request{};
  std::memcpy(&request.ipv6mr_multiaddr, bytes.data(), bytes.size());
  request.ipv6mr_interface = interface;
  address.sin6_addr = request.ipv6mr_multiaddr;
  TRY(Socket * socket, multicast_socket(call, fd, net::SocketAddress(address)));
  return change_membership(*socket, {Option::noop, IPPROTO_IPV6, option}, request);
}

}  // namespace

Outcome<void> sock_set_opt_flag(HostCall& call, u32 fd, u32 option, u32 value) {
  TRY(Socket * socket, lookup_socket(Process::of(call), fd));
  const bool on = (value & 0xff) != 0;  // a u8
  if (is(option, Option::noop)) return {};
  if (is(option, Option::only_v6)) {
    if (socket->family() != AF_INET6) return failed(Errno::noprotoopt);
    socket->settings().only_v6 = on;
    return {};
  }
  const auto host = find(kFlags, option);
  if (!host) return failed(Errno::noprotoopt);
  return set_host(*socket, *host, on ? 1 : 0);
}

Outcome<void> sock_get_opt_flag(HostCall& call, u32 fd, u32 option, u32 value_out) {
  TRY(Socket * socket, lookup_socket(Process::of(call), fd));
  TRY_VOID(expect_room(call, value_out, sizeof(std::uint8_t)));
  bool on = false;
  if (const auto host = find(kFlags, option)) {
    TRY(const int value, get_host(*socket, *host));
    on = value != 0;
  } else if (is(option, Option::only_v6)) {
    if (socket->family() != AF_INET6) return failed(Errno::noprotoopt);
    on = socket->settings().only_v6;
  } else if (is(option, Option::listening)) {
    on = socket->listens();
  } else if (is(option, Option::last_error)) {
    TRY(const Errno error, take_error(*socket));
    on = error != Errno::success;
  } else if (!is(option, Option::noop)) {
    return failed(Errno::noprotoopt);
  }
  return store(call, value_out, static_cast<std::uint8_t>(on ? 1 : 0));
}

Outcome<void> sock_set_opt_time(HostCall& call, u32 fd, u32 option, u32 value) {
  TRY(Socket * socket, lookup_socket(Process::of(call), fd));
  TRY(const GuestOptionTimestamp guest, load<GuestOptionTimestamp>(call, value));
  if (guest.tag > 1) return failed(Errno::inval);
  std::optional<Duration> time;
  if (guest.tag == 1) {
    constexpr auto kMost = static_cast<u64>(std::numeric_limits<std::int64_t>::max() / 4);
    time = Duration(static_cast<std::int64_t>(std::min(guest.nanoseconds, kMost)));
  }
  if (is(option, Option::linger)) return set_linger(*socket, time);
  const auto index = time_index(option);
  if (!index) return failed(Errno::noprotoopt);
  // As SO_RCVTIMEO: no time at all means for ever.
  if (time && *time == Duration::zero()) time.reset();
  socket->settings().time_outs[*index] = time;
  return {};
}

Outcome<void> sock_get_opt_time(HostCall& call, u32 fd, u32 option, u32 value_out) {
  TRY(Socket * socket, lookup_socket(Process::of(call), fd));
  const auto index = time_index(option);
  if (!index && !is(option, Option::linger)) return failed(Errno::noprotoopt);
  const auto time = index ? socket->settings().time_outs[*index] : socket->settings().linger;
  GuestOptionTimestamp guest{};
  guest.tag = time ? 1 : 0;
  guest.nanoseconds = time ? static_cast<u64>(time->count()) : 0;
  return store(call, value_out, guest);
}

Outcome<void> sock_set_opt_size(HostCall& call, u32 fd, u32 option, u64 value) {
  TRY(Socket * socket, lookup_socket(Process::of(call), fd));
  if (is(option, Option::noop)) return {};
  const auto host = size_option(*socket, option);
  if (!host) return failed(Errno::noprotoopt);
  // The kernel has bounds of its own for each.
  constexpr auto kMost = static_cast<u64>(std::numeric_limits<int>::max());
  return set_host(*socket, *host, static_cast<int>(std::min(value, kMost)));
}

Outcome<void> sock_get_opt_size(HostCall& call, u32 fd, u32 option, u32 value_out) {
  TRY(Socket * socket, lookup_socket(Process::of(call), fd));
  TRY_VOID(expect_room(call, value_out, sizeof(u64)));
  u64 size = 0;
  if (is(option, Option::type)) {
    TRY(const int type, get_host(*socket, {Option::type, SOL_SOCKET, SO_TYPE}));
    size = guest_type(type);
  } else if (is(option, Option::protocol)) {
    TRY(const int protocol, get_host(*socket, {Option::protocol, SOL_SOCKET, SO_PROTOCOL}));
    size = static_cast<u64>(protocol);
  } else if (is(option, Option::last_error)) {
    TRY(const Errno error, take_error(*socket));
    size = static_cast<u64>(error);
  } else if (const auto host = size_option(*socket, option)) {
    TRY(const int value, get_host(*socket, *host));
    size = static_cast<u64>(std::max(value, 0));
  } else if (!is(option, Option::noop)) {
    return failed(Errno::noprotoopt);
  }
  return store(call, value_out, size);
}

Outcome<void> sock_join_multicast_v4(HostCall& call, u32 fd, u32 group, u32 interface) {
  return multicast_v4(call, fd, group, interface, IP_ADD_MEMBERSHIP);
}

Outcome<void> sock_leave_multicast_v4(HostCall& call, u32 fd, u32 group, u32 interface) {
  return multicast_v4(call, fd, group, interface, IP_DROP_MEMBERSHIP);
}

Outcome<void> sock_join_multicast_v6(HostCall& call, u32 fd, u32 group, u32 interface) {
  return multicast_v6(call, fd, group, interface, IPV6_ADD_MEMBERSHIP);
}

Outcome<void> sock_leave_multicast_v6(HostCall& call, u32 fd, u32 group, u32 interface) {
  return multicast_v6(call, fd, group, interface, IPV6_DROP_MEMBERSHIP);
}

}  // namespace brink::wasi::calls
