#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace brink::ipc {

/// One eventfd per seat, which every worker and the node hold: how a process that
/// gives a permit back wakes the one that waits for it. Non-blocking.
class Wakers {
 public:
  Wakers() = default;

  /// The node: opens them.
  static Result<Wakers> create(std::uint32_t seats);

  /// A worker: takes those it inherited, in the order of the seats.
  static Wakers adopt(std::vector<UniqueFd> fds) noexcept { return Wakers(std::move(fds)); }

  /// The descriptor for `seat`'s own event loop (readable = woken), and for
  /// passing on; -1 if there is no such seat.
  [[nodiscard]] int fd(std::uint32_t seat) const noexcept;
  [[nodiscard]] std::uint32_t seats() const noexcept {
    return static_cast<std::uint32_t>(fds_.size());
  }

  /// Wakes `seat`; wake-ups that it has not seen yet merge into one.
  void wake(std::uint32_t seat) const noexcept;

  /// Takes the wake-up. True if there was one.
  bool take(std::uint32_t seat) const noexcept;

 private:
  explicit Wakers(std::vector<UniqueFd> fds) noexcept : fds_(std::move(fds)) {}

  std::vector<UniqueFd> fds_;
};

}  // namespace brink::ipc
