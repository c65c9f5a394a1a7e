#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/messages.h"
#include "net/fd_passing.h"

namespace brink::ipc {

/// The largest packet on a channel. A longer message travels in a sealed memory
/// file beside a short packet; the receiver does not notice.
inline constexpr std::size_t kMaxPacket = 64 * 1024;

/// The largest message in a memory file.
inline constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;

/// A message and the descriptors that came with it.
struct Envelope {
  Message message;
  std::vector<UniqueFd> fds;
};

/// One end of a SOCK_SEQPACKET connection between two brink processes: one JSON
/// message per packet, descriptors attached. Owns the socket. Single-threaded.
///
/// The peer may be compromised: what it sends is bounded and decoded strictly, and
/// after any error the channel is to be dropped. A channel keeps no queue of its
/// own; a full socket is the sender's back-pressure.
class Channel {
 public:
  /// Takes a connected Unix SOCK_SEQPACKET socket.
  explicit Channel(UniqueFd socket) noexcept : socket_(std::move(socket)) {}

  /// Two connected ends, close-on-exec, for a child that inherits one.
  static Result<std::pair<Channel, Channel>> pair();

  /// For the event loop: readable = try_receive has something (or the end).
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  /// Sends if it can without blocking. The caller keeps `fds`.
  Result<net::Transfer> try_send(const Message& message, std::span<const int> fds = {});

  /// Sends, waiting for room until `deadline` on CLOCK_MONOTONIC. A peer that is
  /// gone or does not read is an error.
  Result<void> send(const Message& message, std::span<const int> fds, MonotonicTime deadline);

  /// Receives if something is there; `out` is filled only on `done`.
  Result<net::Transfer> try_receive(Envelope& out);

  /// Receives, waiting until `deadline`. The peer's end is an error.
  Result<Envelope> receive(MonotonicTime deadline);

 private:
  UniqueFd socket_;
};

/// What the node knows of a child before it greets.
struct ExpectedPeer {
  BootToken token;
  Role role = Role::worker;
  std::uint32_t slot = 0;
  std::optional<pid_t> child;  ///< its process id, if the node started it itself
};

/// Receives the greeting and checks all of it: protocol version, token, role, slot;
/// and by SO_PEERCRED that the peer is `expected.child`, or else runs as our own
/// user. The error says which of them is wrong, never what the token should be.
Result<Hello> accept_greeting(Channel& channel, const ExpectedPeer& expected,
                              MonotonicTime deadline);

}  // namespace brink::ipc
