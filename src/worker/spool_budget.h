#pragma once

#include <algorithm>
#include <cstdint>

#include "base/units.h"
#include "ipc/metrics.h"

namespace brink::worker {

/// What the request bodies that a worker keeps take in sum, in memory and on disk:
/// its share of limits.spool. One that is alone may be as large as a body may be,
/// whatever the share, or it could never be served. One thread.
class SpoolBudget {
 public:
  SpoolBudget(ByteSize most, ipc::Metrics metrics) : most_(most.bytes()), metrics_(metrics) {}

  /// `more` bytes for a body that holds `own` already; false when the sum is used up
  /// by others.
  [[nodiscard]] bool take(std::uint64_t own, std::uint64_t more) {
    const bool alone = used_ == own;
    if (!alone && more > most_ - std::min(most_, used_)) {
      metrics_.add(ipc::Counter::spool_rejected);
      return false;
    }
    used_ += more;
    metrics_.change(ipc::Gauge::spooled_bytes, static_cast<std::int64_t>(more));
    return true;
  }

  void give(std::uint64_t bytes) {
    used_ -= bytes;
    metrics_.change(ipc::Gauge::spooled_bytes, -static_cast<std::int64_t>(bytes));
  }

  [[nodiscard]] ByteSize used() const { return ByteSize(used_); }

 private:
  std::uint64_t most_;
  std::uint64_t used_ = 0;
  ipc::Metrics metrics_;
};

}  // namespace brink::worker
