#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/fd_passing.h"

namespace brink::app {

/// A message between a guest process and init, with its descriptors.
struct FamilyParcel {
  std::vector<std::byte> bytes;
  std::vector<UniqueFd> fds;
};

/// One end of a SOCK_SEQPACKET connection within a family. A message may be larger
/// than a packet, and have more descriptors than one: it goes in several. After an
/// error the channel is to be dropped.
class FamilyChannel {
 public:
  FamilyChannel() = default;
  explicit FamilyChannel(UniqueFd socket) noexcept : socket_(std::move(socket)) {}

  static Result<std::pair<FamilyChannel, FamilyChannel>> pair();

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] UniqueFd take() noexcept { return std::move(socket_); }

  /// Sends all of it, waiting for room. Fails when the other end is gone.
  Result<void> send(std::span<const std::byte> message, std::span<const int> fds = {});

  /// Takes what is there; `out` is filled on `done` only, once a message is whole.
  /// More than kMostBytes or kMostFds is an error.
  Result<net::Transfer> try_receive(FamilyParcel& out);

  /// Waits for a whole message. Fails when the other end is gone.
  Result<FamilyParcel> receive();

  static constexpr std::size_t kMostBytes = 4 << 20;
  static constexpr std::size_t kMostFds = 1024;

 private:
  UniqueFd socket_;
  FamilyParcel partial_;
};

}  // namespace brink::app
