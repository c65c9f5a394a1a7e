#pragma once

#include <cstdint>

#include "wasi/call_support.h"
#include "wasi/guest_buffers.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// How one call transfers.
struct TransferMode {
  OpenDescription::Direction direction;
  /// Whether the call may wait where the descriptor's flags let it.
  enum class Waiting : std::uint8_t { as_flagged, never } waiting = Waiting::as_flagged;
  /// Whether a read takes what is there or fills its buffers. Files are always
  /// read to the end, and writes write all.
  enum class Extent : std::uint8_t { available, all } extent = Extent::available;
  /// Bytes, or messages: one per call, whole, and an empty one is one as well.
  enum class Unit : std::uint8_t { byte, message } unit = Unit::byte;
};

/// The end of a transfer: its size, for the guest.
inline wasm::Attempt finish_transfer(const wasm::HostCall& call, std::uint32_t size_out) {
  return done(store(call, size_out, static_cast<std::uint32_t>(call.progress)));
}

/// Whether more may follow after an attempt moved `moved` bytes out of `asked`.
inline bool transfer_goes_on(const OpenDescription& open, const TransferMode& mode,
                             std::uint64_t moved, std::uint64_t asked) {
  if (mode.direction == OpenDescription::Direction::write ||
      mode.extent == TransferMode::Extent::all) {
    return moved != 0;
  }
  if (open.type() != FileType::regular_file) return false;
  return moved == asked || open.stopped_for_disk();
}

/// Bounds the call's wait, from its first attempt to wait on; true once it is over.
inline bool out_of_time(wasm::HostCall& call, Duration patience) {
  const MonotonicTime now = Process::of(call).clock().now();
  if (!call.deadline) call.deadline = now + patience;
  if (now >= *call.deadline) return true;
  call.wait.until(*call.deadline);
  return false;
}

/// The end of an attempt that can't move anything now, but may later: waits, or
/// says AGAIN, or ends with what was moved so far.
inline wasm::Attempt pause_transfer(wasm::HostCall& call, OpenDescription& open,
                                    const TransferMode& mode, std::uint32_t size_out) {
  const bool may_not =
      mode.waiting == TransferMode::Waiting::never || (open.flags() & fdflag::nonblock) != 0;
  if (may_not && !open.stopped_for_disk()) {
    return call.progress != 0 ? finish_transfer(call, size_out) : done(Errno::again);
  }
  const auto patience = open.patience(mode.direction);
  if (patience && out_of_time(call, *patience)) {
    return call.progress != 0 ? finish_transfer(call, size_out) : done(Errno::again);
  }
  open.add_wait(mode.direction, call.wait);
  return wasm::Attempt::again();
}

/// One attempt at a read or a write: `move` moves what it is given as window of
/// the guest's buffers. Counts in call.progress, so that a transfer over several
/// attempts adds up. A blocking write ends when all is written, as in POSIX.
template <class Byte, class Move>
wasm::Attempt transfer(wasm::HostCall& call, OpenDescription& open, const TransferMode& mode,
                       std::uint32_t iovecs, std::uint32_t count, std::uint32_t size_out,
                       Move move) {
  GuestBuffers<Byte> buffers;
  const auto copied =
      buffers.copy(call.memory, Process::of(call).limits(), iovecs, count, call.progress);
  if (!copied) return done(copied.error());
  if (const auto room = expect_room(call, size_out, sizeof(std::uint32_t)); !room) {
    return done(room.error());
  }
  const bool message = mode.unit == TransferMode::Unit::message;
  if (buffers.window_bytes() == 0 && !message) return finish_transfer(call, size_out);
  if (message && mode.direction == OpenDescription::Direction::write &&
      buffers.window_bytes() < buffers.total_bytes()) {
    return done(Errno::msgsize);
  }

  const Outcome<std::uint64_t> moved = move(buffers.window());
  if (!moved && moved.error() != Errno::again) {
    // What was moved before counts; the error comes again with the next call.
    return call.progress != 0 ? finish_transfer(call, size_out) : done(moved.error());
  }
  if (!moved) return pause_transfer(call, open, mode, size_out);
  call.progress += *moved;
  if (message) return finish_transfer(call, size_out);
  if (call.progress >= buffers.total_bytes() ||
      !transfer_goes_on(open, mode, *moved, buffers.window_bytes())) {
    return finish_transfer(call, size_out);
  }
  if (*moved < buffers.window_bytes()) return pause_transfer(call, open, mode, size_out);
  call.wait.yield();
  return wasm::Attempt::again();
}

}  // namespace brink::wasi
