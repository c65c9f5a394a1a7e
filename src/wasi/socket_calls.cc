#include <sys/socket.h>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/socket.h"
#include "wasi/transfer.h"

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

/// BADF, then NOTSOCK, then NOTCAPABLE.
Outcome<Socket*> lookup_socket(Process& process, u32 fd, Rights needed) {
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor) return failed(Errno::badf);
  Socket* const socket = descriptor->open->socket();
  if (!socket) return failed(Errno::notsock);
  if (!descriptor->base.covers(needed)) return failed(Errno::badf);
  return socket;
}

/// The end of an attempt that could do nothing: waits, unless the guest asked not
/// to or it really failed.
Attempt wait_or(HostCall& call, Socket& socket, Direction direction, Errno error) {
  if (error != Errno::again || (socket.flags() & fdflag::nonblock) != 0) return done(error);
  socket.add_wait(direction, call.wait);
  return Attempt::again();
}

TransferMode receive_mode(const Socket& socket, u32 flags) {
  TransferMode mode{Direction::read};
  if ((flags & kReceiveDontWait) != 0) mode.waiting = TransferMode::Waiting::never;
  // Peeking again would see the same bytes again; datagrams do not add up.
  const bool fills =
      (flags & kWaitAll) != 0 && (flags & kPeek) == 0 && socket.type() == FileType::socket_stream;
  if (fills) mode.extent = TransferMode::Extent::all;
  return mode;
}

}  // namespace

Attempt sock_accept(HostCall& call, u32 fd, u32 flags, u32 fd_out) {
  Process& process = Process::of(call);
  const auto listener = lookup_socket(process, fd, Rights());
  if (!listener) return done(listener.error());
  Socket& socket = **listener;
  if (!socket.listens()) return done(Errno::inval);
  const Descriptor& descriptor = *process.descriptors().find(fd);
  if (!descriptor.base.covers(right::sock_accept)) return done(Errno::badf);
  if ((flags & ~u32{fdflag::nonblock}) != 0) return done(Errno::inval);
  if (const auto room = expect_room(call, fd_out, sizeof(u32)); !room) return done(room.error());
  // Before a connection is taken from the queue that nobody could then serve.
  if (process.descriptors().full()) return done(Errno::mfile);

  auto accepted_flags = static_cast<std::uint16_t>(flags);
  if (process.profile().accepted_nonblock == AbiProfile::AcceptedNonblock::inherited) {
    accepted_flags |= socket.flags() & fdflag::nonblock;
  }
  auto accepted = socket.accept(accepted_flags);
  if (!accepted) return wait_or(call, socket, Direction::read, accepted.error());
  const auto number = process.descriptors().add(
      {std::move(*accepted), descriptor.inheriting & kSocketRights, Rights(), std::nullopt});
  if (!number) return done(number.error());
  return done(store(call, fd_out, *number));
}

Attempt sock_recv(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out,
                  u32 flags_out) {
  const auto found = lookup_socket(Process::of(call), fd, right::fd_read);
  if (!found) return done(found.error());
  const u32 known =
      kPeek | kWaitAll | (extended_flags(call) ? kTruncate | kReceiveDontWait : u32{0});
  if ((flags & ~known) != 0) return done(Errno::inval);
  if (const auto room = expect_room(call, flags_out, sizeof(std::uint16_t)); !room) {
    return done(room.error());
  }
  Socket& socket = **found;
  const int host_flags =
      ((flags & kPeek) != 0 ? MSG_PEEK : 0) | ((flags & kTruncate) != 0 ? MSG_TRUNC : 0);
  std::uint16_t result_flags = 0;
  const Attempt attempt = transfer<std::byte>(call, socket, receive_mode(socket, flags), iovecs,
                                              count, size_out, [&](auto window) -> Outcome<u64> {
                                                TRY(const Socket::Received received,
                                                    socket.receive(window, host_flags));
                                                if (received.truncated)
                                                  result_flags = kDataTruncated;
                                                return received.size;
                                              });
  if (attempt.kind() == Attempt::Kind::done && attempt.value() == 0) {
    return done(store(call, flags_out, result_flags));
  }
  return attempt;
}

Attempt sock_send(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out) {
  const auto found = lookup_socket(Process::of(call), fd, right::fd_write);
  if (!found) return done(found.error());
  const u32 known = extended_flags(call) ? kSendDontWait : 0;
  if ((flags & ~known) != 0) return done(Errno::inval);
  Socket& socket = **found;
  TransferMode mode{Direction::write};
  if ((flags & kSendDontWait) != 0) mode.waiting = TransferMode::Waiting::never;
  return transfer<const std::byte>(call, socket, mode, iovecs, count, size_out,
                                   [&](auto window) { return socket.send(window); });
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
