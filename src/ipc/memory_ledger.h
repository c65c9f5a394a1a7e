#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "base/units.h"
#include "ipc/seat.h"

namespace brink::ipc {

/// What a reservation is for; kept apart so that reports can tell them apart.
enum class MemoryShare : std::uint8_t {
  baseline,  ///< what a worker keeps resident for small instances, reserved in lots
  big,       ///< one instance's memory beyond that
};

/// One seat's part of a ledger. In shared memory, a cache line each.
struct alignas(64) MemoryCell {
  std::array<std::atomic<std::uint64_t>, 2> bytes;  ///< by MemoryShare
};

/// Memory bounded in sum over all workers: for one app, or for the node. Each seat
/// counts in a cell of its own, so that a dead worker's part can be struck out.
///
/// Never over the limit: a reservation is entered first and then summed up, and
/// taken back if the sum is too high, so of two that together exceed it at most one
/// stays. (Both may be refused; the caller queues and tries again.)
///
/// A view; any process, any time.
class MemoryLedger {
 public:
  MemoryLedger(std::span<MemoryCell> cells, std::atomic<std::uint64_t>& limit) noexcept
      : cells_(cells), limit_(&limit) {}

  /// False if it would exceed the limit (or there is no such seat).
  bool try_reserve(std::uint32_t seat, MemoryShare share, ByteSize size) noexcept;

  /// Gives back; never below zero.
  void release(std::uint32_t seat, MemoryShare share, ByteSize size) noexcept;

  /// The node, after the process on the seat has been reaped.
  void free_seat(std::uint32_t seat) noexcept;

  [[nodiscard]] ByteSize used() const noexcept;                       ///< saturates
  [[nodiscard]] ByteSize used_for(MemoryShare share) const noexcept;  ///< saturates
  [[nodiscard]] ByteSize used_by(std::uint32_t seat, MemoryShare share) const noexcept;
  [[nodiscard]] ByteSize limit() const noexcept;
  void set_limit(ByteSize limit) noexcept;  ///< the node; takes nothing back

 private:
  std::span<MemoryCell> cells_;
  std::atomic<std::uint64_t>* limit_;
};

}  // namespace brink::ipc
