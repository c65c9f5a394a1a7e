#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "wasi/calls.h"
#include "wasi/socket_lookup.h"
#include "wasi/unix_names.h"

/// How sockets come into being and get their names and peers.
namespace brink::wasi::calls {
namespace {

using Direction = OpenDescription::Direction;

// What socket(2) of a guest's libc has in the type besides, if it does not lose it.
constexpr u32 kCloseOnExec = 0x2000;
constexpr u32 kNonBlocking = 0x4000;

Outcome<int> host_family(u32 family) {
  switch (family) {
    case 1:
      return AF_INET;
    case 2:
      return AF_INET6;
    case 3:
      return AF_UNIX;
    default:
      return failed(Errno::afnosupport);
  }
}

struct HostType {
  int type;
  std::uint16_t flags;  ///< fdflag bits
};

/// Raw sockets would see what others receive.
Outcome<HostType> host_type(u32 type) {
  const std::uint16_t flags = (type & kNonBlocking) != 0 ? fdflag::nonblock : std::uint16_t{0};
  switch (type & ~(kCloseOnExec | kNonBlocking)) {
    case 1:
      return HostType{SOCK_STREAM, flags};
    case 2:
      return HostType{SOCK_DGRAM, flags};
    case 3:
      return failed(Errno::acces);
    case 4:
      return HostType{SOCK_SEQPACKET, flags};
    default:
      return failed(Errno::inval);
  }
}

Outcome<int> host_protocol(int family, int type, u32 protocol) {
  const u32 only = type == SOCK_STREAM ? 6 : 17;
  if (protocol == 0) return 0;
  if (family == AF_UNIX || protocol != only) return failed(Errno::protonosupport);
  return static_cast<int>(protocol);
}

constexpr Patience kAccepting{Direction::read, Socket::TimeOut::accept, Errno::timedout};
constexpr Patience kConnecting{Direction::write, Socket::TimeOut::connect, Errno::timedout};

// A Unix listener's full queue says nothing when it has room again.
constexpr Duration kUnixRetry = std::chrono::milliseconds(5);

Attempt connect_inet(HostCall& call, Socket& socket, const net::SocketAddress& address) {
  const auto connected = socket.connect(Process::of(call).network(), address);
  if (connected) return done(Errno::success);
  const bool goes_on =
      connected.error() == Errno::inprogress || connected.error() == Errno::already;
  if (!goes_on || (socket.flags() & fdflag::nonblock) != 0) return done(connected.error());
  return wait_or(call, socket, kConnecting, Errno::again);
}

Attempt connect_unix(HostCall& call, Socket& socket, const UnixName& name) {
  const auto address = kernel_address(Process::of(call), name);
  if (!address) return done(address.error());
  const auto connected = socket.connect_unix(name, *address);
  if (connected || connected.error() != Errno::again) return done(connected);
  const Attempt attempt = wait_or(call, socket, kConnecting, Errno::again);
  if (attempt.kind() == Attempt::Kind::again) {
    // It counts as writable all the while.
    const auto deadline = call.wait.deadline();
    call.wait.clear();
    if (deadline) call.wait.until(*deadline);
    call.wait.until(Process::of(call).clock().now() + kUnixRetry);
  }
  return attempt;
}

/// Takes a connection; where the queue is empty, the call's way to wait.
struct Accepted {
  std::shared_ptr<Socket> socket;
  Attempt otherwise = Attempt::again();
};

Accepted take_connection(HostCall& call, Socket& socket, u32 flags) {
  const AbiProfile& profile = Process::of(call).profile();
  auto accepted_flags = static_cast<std::uint16_t>(flags);
  if (profile.accepted_nonblock == AbiProfile::AcceptedNonblock::inherited) {
    accepted_flags |= socket.flags() & fdflag::nonblock;
  }
  auto accepted = socket.accept(accepted_flags);
  if (accepted) return {.socket = *std::move(accepted)};
  const bool says_again = profile.polled_listener == AbiProfile::PolledListener::says_again;
  // Of a call that has begun to wait, another thread's poll changes nothing.
  if (says_again && socket.was_watched() && call.attempt == 0) {
    return {.socket = nullptr, .otherwise = done(accepted.error())};
  }
  return {.socket = nullptr, .otherwise = wait_or(call, socket, kAccepting, accepted.error())};
}

/// The checks of an accept: the listener's descriptor.
Outcome<Descriptor*> check_accept(const HostCall& call, u32 fd, u32 flags, u32 fd_out,
                                  std::optional<u32> peer_out) {
  Process& process = Process::of(call);
  TRY(const Socket* socket, lookup_socket(process, fd));
  if (!socket->listens()) return failed(Errno::inval);
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor->base.covers(right::sock_accept)) return failed(Errno::badf);
  if ((flags & ~u32{fdflag::nonblock}) != 0) return failed(Errno::inval);
  TRY_VOID(expect_room(call, fd_out, sizeof(u32)));
  if (peer_out) TRY_VOID(expect_address_room(call, *peer_out, socket->family()));
  // Before a connection is taken from the queue that nobody could then serve.
  if (process.descriptors().full()) return failed(Errno::mfile);
  return descriptor;
}

Attempt accept_one(HostCall& call, u32 fd, u32 flags, u32 fd_out, std::optional<u32> peer_out) {
  const auto checked = check_accept(call, fd, flags, fd_out, peer_out);
  if (!checked) return done(checked.error());
  const Descriptor& descriptor = **checked;
  Accepted accepted = take_connection(call, *descriptor.open->socket(), flags);
  if (!accepted.socket) return accepted.otherwise;
  Process& process = Process::of(call);
  // A peer that has gone already has no name any more.
  const GuestAddress peer = accepted.socket->peer().value_or(NoAddress());
  const auto number = process.descriptors().add(
      {std::move(accepted.socket), descriptor.inheriting & kSocketRights, Rights(), std::nullopt});
  if (!number) return done(number.error());
  if (peer_out) (void)store_address(call, *peer_out, peer, process.port_order());
  return done(store(call, fd_out, *number));
}

}  // namespace

Outcome<void> sock_open(HostCall& call, u32 family, u32 type, u32 protocol, u32 fd_out) {
  Process& process = Process::of(call);
  TRY(const int domain, host_family(family));
  TRY(const HostType kind, host_type(type));
  TRY(const int number, host_protocol(domain, kind.type, protocol));
  if (domain != AF_UNIX && kind.type == SOCK_SEQPACKET) return failed(Errno::protonosupport);
  if (process.network() == nullptr || !process.network()->offers(domain)) {
    return failed(Errno::afnosupport);
  }
  TRY_VOID(expect_room(call, fd_out, sizeof(u32)));
  if (process.descriptors().full()) return failed(Errno::mfile);
  TRY(auto socket, Socket::open(domain, kind.type, number, kind.flags));
  return install_socket(call, std::move(socket), fd_out);
}

Outcome<void> sock_pair(HostCall& call, u32 family, u32 type, u32 protocol, u32 first_out,
                        u32 second_out) {
  (void)family;  // a pair has no addresses, and libc passes whatever it was given
  (void)protocol;
  DescriptorTable& table = Process::of(call).descriptors();
  TRY(const HostType kind, host_type(type));
  TRY_VOID(expect_room(call, first_out, sizeof(u32)));
  TRY_VOID(expect_room(call, second_out, sizeof(u32)));
  TRY(auto ends, Socket::pair(kind.type, kind.flags));
  const Descriptor shape{nullptr, kSocketRights, Rights(), std::nullopt};
  Descriptor one = shape;
  Descriptor two = shape;
  one.open = std::move(ends.first);
  two.open = std::move(ends.second);
  TRY(const u32 first, table.add(std::move(one)));
  const auto second = table.add(std::move(two));
  if (!second) {
    (void)table.close(first, Process::of(call).profile());
    return failed(second.error());
  }
  TRY_VOID(store(call, first_out, first));
  return store(call, second_out, *second);
}

Outcome<void> sock_bind(HostCall& call, u32 fd, u32 address) {
  Process& process = Process::of(call);
  TRY(Socket * socket, lookup_socket(process, fd));
  TRY(const GuestAddress where, load_address(call, address));
  if (const auto* inet = std::get_if<net::SocketAddress>(&where)) {
    if (!socket->is_inet()) return failed(Errno::inval);
    return socket->bind(process.network(), *inet);
  }
  const auto* name = std::get_if<UnixName>(&where);
  if (name == nullptr || socket->is_inet()) return failed(Errno::afnosupport);
  return bind_unix(process, *socket, *name);
}

Outcome<void> sock_listen(HostCall& call, u32 fd, u32 backlog) {
  Process& process = Process::of(call);
  TRY(Socket * socket, lookup_socket(process, fd));
  constexpr u32 kMost = 4096;  // as the kernel's somaxconn; a negative one means the most
  return socket->listen(process.network(), static_cast<int>(std::min(backlog, kMost)));
}

Attempt sock_accept(HostCall& call, u32 fd, u32 flags, u32 fd_out) {
  return accept_one(call, fd, flags, fd_out, std::nullopt);
}

Attempt sock_accept_v2(HostCall& call, u32 fd, u32 flags, u32 fd_out, u32 peer_out) {
  return accept_one(call, fd, flags, fd_out, peer_out);
}

Attempt sock_connect(HostCall& call, u32 fd, u32 address) {
  const auto found = lookup_socket(Process::of(call), fd);
  if (!found) return done(found.error());
  const auto to = load_address(call, address);
  if (!to) return done(to.error());
  Socket& socket = **found;
  if (const auto* inet = std::get_if<net::SocketAddress>(&*to)) {
    return socket.is_inet() ? connect_inet(call, socket, *inet) : done(Errno::inval);
  }
  if (std::holds_alternative<NoAddress>(*to)) return done(socket.disconnect());
  if (socket.is_inet()) return done(Errno::afnosupport);
  return connect_unix(call, socket, std::get<UnixName>(*to));
}

Outcome<void> sock_status(HostCall& call, u32 fd, u32 status_out) {
  TRY(const Socket* socket, lookup_socket(Process::of(call), fd));
  return store(call, status_out, static_cast<std::uint8_t>(socket->status()));
}

Outcome<void> sock_addr_local(HostCall& call, u32 fd, u32 address_out) {
  Process& process = Process::of(call);
  TRY(const Socket* socket, lookup_socket(process, fd));
  TRY(const GuestAddress address, socket->local());
  return store_address(call, address_out, address, process.port_order());
}

Outcome<void> sock_addr_peer(HostCall& call, u32 fd, u32 address_out) {
  Process& process = Process::of(call);
  TRY(const Socket* socket, lookup_socket(process, fd));
  TRY(const GuestAddress address, socket->peer());
  return store_address(call, address_out, address, process.port_order());
}

}  // namespace brink::wasi::calls
