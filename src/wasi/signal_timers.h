#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "wasi/signal_set.h"

namespace brink::wasi {

/// Timers that raise signals, one per signal, as setitimer(2) has them. They count
/// real time, for any signal. set() takes place in the caller's turn, all else on any
/// thread.
class SignalTimers {
 public:
  struct Setting {
    Duration left{};      ///< until it fires; 0: it is not set
    Duration interval{};  ///< from then on; 0: it fires once
  };

  /// Sets one, or clears it, and says how it was set.
  Setting set(std::uint32_t number, const Setting& setting, MonotonicTime now) noexcept;

  /// Raises in `signals` what has fired by `now`.
  void fire(MonotonicTime now, SignalSet& signals) noexcept;

  /// When the next one fires.
  [[nodiscard]] std::optional<MonotonicTime> next() const noexcept;

 private:
  struct Timer {
    std::atomic<std::int64_t> at{0};  ///< 0: not set
    std::atomic<std::int64_t> interval{0};
  };
  std::array<Timer, signal::last> timers_;
};

}  // namespace brink::wasi
