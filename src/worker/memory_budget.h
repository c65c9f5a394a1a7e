#pragma once

#include <cstdint>

#include "base/units.h"
#include "ipc/memory_ledger.h"

namespace brink::worker {

/// This worker's use of an app's memory in sum (limits.memory_sum, over all
/// workers). Every instance counts with a baseline, which the worker reserves in
/// lots; one that grows beyond it needs a reservation up to its whole limit at
/// once. What is left beside all baselines is always enough for one of these, so
/// that those who wait for it can't wait for each other. Beyond the first of them an
/// eighth is kept for baselines: small requests go on while large ones queue. One
/// thread.
class MemoryBudget {
 public:
  /// `baseline` and `limit` are of one instance.
  MemoryBudget(ipc::MemoryLedger ledger, std::uint32_t seat, ByteSize baseline, ByteSize limit);

  /// One more instance; false when there is no memory for it now.
  bool enter();
  void leave();

  /// For an instance that grows to more than baseline().
  bool enter_big();
  void leave_big();

  [[nodiscard]] ByteSize baseline() const { return baseline_; }

 private:
  bool reserve_lot();
  /// What a big instance has beyond its baseline.
  [[nodiscard]] std::uint64_t more() const { return limit_.bytes() - baseline_.bytes(); }
  [[nodiscard]] ByteSize lot() const { return ByteSize(baseline_.bytes() * per_lot_); }

  ipc::MemoryLedger ledger_;
  std::uint32_t seat_;
  ByteSize baseline_;
  ByteSize limit_;
  std::uint64_t per_lot_;  ///< instances
  std::uint64_t instances_ = 0;
  std::uint64_t lots_ = 0;
};

}  // namespace brink::worker
