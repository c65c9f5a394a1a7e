#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace brink::net {

/// The most descriptors in one message.
inline constexpr std::size_t kMaxPassedFds = 64;

/// What became of one attempt to move a packet.
enum class Transfer : std::uint8_t {
  done,
  would_block,  ///< the queue is full or empty; wait for the descriptor
  closed,       ///< the peer has closed its end
};

/// Sends one packet with descriptors over a Unix SOCK_SEQPACKET or SOCK_STREAM
/// socket, without blocking and without SIGPIPE. The caller keeps its copies of
/// `fds`; after `done` they may be closed. ETOOMANYREFS (too many descriptors of
/// this user in flight) counts as would_block. `packet` must not be empty: an
/// empty packet looks like the end of the stream. Fails on more than
/// kMaxPassedFds, and on a packet that the socket can never take.
Result<Transfer> send_with_fds(int socket, std::span<const std::byte> packet,
                               std::span<const int> fds);

struct ReceivedPacket {
  Transfer transfer = Transfer::would_block;
  std::size_t size = 0;       ///< bytes written to the caller's buffer
  std::vector<UniqueFd> fds;  ///< close-on-exec, in the order sent
};

/// Receives one packet without blocking. A packet larger than `buffer`, or one
/// whose descriptors did not all arrive (more than kMaxPassedFds, or the limit of
/// open files is reached), is an error; what did arrive is closed.
Result<ReceivedPacket> receive_with_fds(int socket, std::span<std::byte> buffer);

}  // namespace brink::net
