#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "wasi/calls.h"
#include "wasi/socket_lookup.h"
#include "wasi/transfer.h"
#include "wasi/unix_names.h"

namespace brink::wasi::calls {
namespace {

using Direction = OpenDescription::Direction;

// sock_recv's flags; the last two are WASIX's.
constexpr u32 kPeek = 1;
constexpr u32 kWaitAll = 2;
constexpr u32 kTruncate = 4;
constexpr u32 kReceiveDontWait = 8;
// sock_send's only flag, WASIX's.
constexpr u32 kSendDontWait = 1;
constexpr std::uint16_t kDataTruncated = 1;

bool extended_flags(const HostCall& call) {
  return Process::of(call).profile().socket_flags == AbiProfile::SocketFlags::extended;
}

constexpr u64 kMaxOffset = INT64_MAX;

/// Messages are moved whole, one per call.
TransferMode::Unit unit_of(const Socket& socket) {
  return socket.type() == FileType::socket_stream ? TransferMode::Unit::byte
                                                  : TransferMode::Unit::message;
}

TransferMode receive_mode(const Socket& socket, u32 flags) {
  TransferMode mode{.direction = Direction::read, .unit = unit_of(socket)};
  if ((flags & kReceiveDontWait) != 0) mode.waiting = TransferMode::Waiting::never;
  // Peeking again would see the same bytes again; datagrams do not add up.
  const bool fills =
      (flags & kWaitAll) != 0 && (flags & kPeek) == 0 && mode.unit == TransferMode::Unit::byte;
  if (fills) mode.extent = TransferMode::Extent::all;
  return mode;
}

Outcome<TransferMode> send_mode(const HostCall& call, const Socket& socket, u32 flags) {
  const u32 known = extended_flags(call) ? kSendDontWait : 0;
  if ((flags & ~known) != 0) return failed(Errno::inval);
  TransferMode mode{.direction = Direction::write, .unit = unit_of(socket)};
  if ((flags & kSendDontWait) != 0) mode.waiting = TransferMode::Waiting::never;
  return mode;
}

/// The arguments that all receiving calls share.
struct Receive {
  u32 iovecs;
  u32 count;
  u32 flags;
  u32 size_out;
  u32 flags_out;
};

Attempt receive(HostCall& call, u32 fd, const Receive& arguments, std::optional<u32> sender_out) {
  Process& process = Process::of(call);
  const auto found = lookup_socket(process, fd, right::fd_read);
  if (!found) return done(found.error());
  Socket& socket = **found;
  const u32 flags = arguments.flags;
  const u32 known =
      kPeek | kWaitAll | (extended_flags(call) ? kTruncate | kReceiveDontWait : u32{0});
  if ((flags & ~known) != 0) return done(Errno::inval);
  if (const auto room = expect_room(call, arguments.flags_out, sizeof(std::uint16_t)); !room) {
    return done(room.error());
  }
  if (sender_out) {
    const auto room = expect_address_room(call, *sender_out, socket.family());
    if (!room) return done(room.error());
  }
  const int host_flags =
      ((flags & kPeek) != 0 ? MSG_PEEK : 0) | ((flags & kTruncate) != 0 ? MSG_TRUNC : 0);
  Socket::Received received{};
  const Attempt attempt = transfer<std::byte>(
      call, socket, receive_mode(socket, flags), arguments.iovecs, arguments.count,
      arguments.size_out, [&](auto window) -> Outcome<u64> {
        TRY(received, socket.receive(window, host_flags,
                                     sender_out ? Socket::Sender::told : Socket::Sender::unasked));
        return received.size;
      });
  if (attempt.kind() != Attempt::Kind::done || attempt.value() != 0) return attempt;
  if (sender_out) {
    // A stream's sender is its peer.
    if (!received.from) received.from = socket.peer().value_or(NoAddress());
    (void)store_address(call, *sender_out, *received.from, process.port_order());
  }
  const std::uint16_t result_flags = received.truncated ? kDataTruncated : std::uint16_t{0};
  return done(store(call, arguments.flags_out, result_flags));
}

/// Where a datagram goes, and whether it may.
Outcome<KernelAddress> destination(const HostCall& call, const Socket& socket, u32 receiver) {
  Process& process = Process::of(call);
  TRY(const GuestAddress to, load_address(call, receiver));
  if (const auto* name = std::get_if<UnixName>(&to); name && !socket.is_inet()) {
    return kernel_address(process, *name);
  }
  const auto* inet = std::get_if<net::SocketAddress>(&to);
  if (inet == nullptr || !socket.is_inet()) return failed(Errno::afnosupport);
  if (inet->family() != socket.family()) return failed(Errno::afnosupport);
  if (!process.network() || !process.network()->may_reach(Transport::datagram, *inet)) {
    return failed(Errno::acces);
  }
  return kernel_address(*inet);
}

struct SendFile {
  OpenDescription& to;
  OpenDescription& from;
  u64 offset;
  u64 count;
};

Attempt finish_send_file(const HostCall& call, u32 sent_out) {
  return done(store(call, sent_out, u64{call.progress}));
}

/// One piece per attempt, through memory of ours: what the target does not take is
/// read again, so that nothing is lost.
Attempt send_file(HostCall& call, const SendFile& job, u32 sent_out) {
  constexpr std::size_t kPiece = std::size_t{128} << 10;
  const u64 left = job.count - call.progress;
  if (left == 0) return finish_send_file(call, sent_out);
  std::vector<std::byte> piece(std::min<u64>(left, kPiece));
  const MutableBytes room(piece);
  const auto got = job.from.read_at(std::span(&room, 1), job.offset + call.progress);
  if (!got) return call.progress != 0 ? finish_send_file(call, sent_out) : done(got.error());
  if (*got == 0) return finish_send_file(call, sent_out);
  const ConstBytes bytes = ConstBytes(piece).first(*got);
  const auto sent = job.to.write(std::span(&bytes, 1));
  if (!sent && sent.error() != Errno::again) {
    return call.progress != 0 ? finish_send_file(call, sent_out) : done(sent.error());
  }
  call.progress += sent.value_or(0);
  const bool stuck = !sent || *sent < *got;
  if (stuck && (job.to.flags() & fdflag::nonblock) != 0) {
    return call.progress != 0 ? finish_send_file(call, sent_out) : done(Errno::again);
  }
  if (call.progress == job.count) return finish_send_file(call, sent_out);
  if (!stuck) {
    call.wait.yield();
    return Attempt::again();
  }
  const auto patience = job.to.patience(Direction::write);
  if (patience && out_of_time(call, *patience)) {
    return call.progress != 0 ? finish_send_file(call, sent_out) : done(Errno::again);
  }
  job.to.add_wait(Direction::write, call.wait);
  return Attempt::again();
}

}  // namespace

Attempt sock_recv(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out,
                  u32 flags_out) {
  return receive(call, fd, {iovecs, count, flags, size_out, flags_out}, std::nullopt);
}

Attempt sock_recv_from(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out,
                       u32 flags_out, u32 sender_out) {
  return receive(call, fd, {iovecs, count, flags, size_out, flags_out}, sender_out);
}

Attempt sock_recv_msg(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 sender_out,
                      u32 control, u32 control_room, u32 size_out, u32 flags_out,
                      u32 control_size_out) {
  if (const auto room = expect_room(call, control, control_room); !room) return done(room.error());
  if (const auto none = store(call, control_size_out, u32{0}); !none) return done(none.error());
  return receive(call, fd, {iovecs, count, flags, size_out, flags_out},
                 sender_out == 0 ? std::nullopt : std::optional(sender_out));
}

Attempt sock_send(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out) {
  const auto found = lookup_socket(Process::of(call), fd, right::fd_write);
  if (!found) return done(found.error());
  Socket& socket = **found;
  const auto mode = send_mode(call, socket, flags);
  if (!mode) return done(mode.error());
  return transfer<const std::byte>(call, socket, *mode, iovecs, count, size_out,
                                   [&](auto window) { return socket.send(window); });
}

Attempt sock_send_to(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 receiver,
                     u32 size_out) {
  const auto found = lookup_socket(Process::of(call), fd, right::fd_write);
  if (!found) return done(found.error());
  Socket& socket = **found;
  const auto mode = send_mode(call, socket, flags);
  if (!mode) return done(mode.error());
  // As sendto(2): no address means the peer, and streams ignore one.
  const bool addressed = receiver != 0 && socket.transport() == Transport::datagram;
  KernelAddress to;
  if (addressed) {
    auto checked = destination(call, socket, receiver);
    if (!checked) return done(checked.error());
    to = *std::move(checked);
  }
  return transfer<const std::byte>(call, socket, *mode, iovecs, count, size_out, [&](auto window) {
    return socket.send(window, addressed ? &to : nullptr);
  });
}

Attempt sock_send_file(HostCall& call, u32 out, u32 in, u64 offset, u64 count, u32 sent_out) {
  Process& process = Process::of(call);
  const auto target = lookup(process, out, right::fd_write);
  if (!target) return done(target.error());
  const auto source = lookup(process, in, right::fd_read);
  if (!source) return done(source.error());
  if (const auto room = expect_room(call, sent_out, sizeof(u64)); !room) return done(room.error());
  if (offset > kMaxOffset || count > kMaxOffset - offset) return done(Errno::inval);
  const SendFile job{*(*target)->open, *(*source)->open, offset, count};
  return send_file(call, job, sent_out);
}

Outcome<void> sock_shutdown(HostCall& call, u32 fd, u32 how) {
  constexpr u32 kRead = 1;
  constexpr u32 kWrite = 2;
  TRY(Socket * socket, lookup_socket(Process::of(call), fd, right::sock_shutdown));
  switch (how) {
    case kRead:
      return socket->shutdown(SHUT_RD);
    case kWrite:
      return socket->shutdown(SHUT_WR);
    case kRead | kWrite:
      return socket->shutdown(SHUT_RDWR);
    default:
      return failed(Errno::inval);
  }
}

}  // namespace brink::wasi::calls
