#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "ipc/seat.h"

namespace brink::ipc {

/// Which seats wait for an app's permits, oldest first. A seat waits at most once
/// per app, whatever the length of its own queue. Lives in shared memory.
struct WaitingState {
  std::atomic<std::uint64_t> next_ticket;
  std::array<std::atomic<std::uint64_t>, kMaxSeats / 64> waiting;  ///< a bit per seat
};

/// A view of the line of one app. Any process, any time; sequentially consistent,
/// so that of a release and a join at least one sees the other.
class WaitingLine {
 public:
  WaitingLine(WaitingState& state, std::span<std::atomic<std::uint64_t>> tickets) noexcept
      : state_(&state), tickets_(tickets) {}

  /// Joins at the end; a seat that waits already goes to the end.
  void join(std::uint32_t seat) noexcept;
  void leave(std::uint32_t seat) noexcept;

  [[nodiscard]] bool waits(std::uint32_t seat) const noexcept;

  /// The seat that has waited longest. O(seats waiting).
  [[nodiscard]] std::optional<std::uint32_t> oldest() const noexcept;

 private:
  WaitingState* state_;
  std::span<std::atomic<std::uint64_t>> tickets_;  ///< one per seat; read if its bit is set
};

}  // namespace brink::ipc
