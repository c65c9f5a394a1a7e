#pragma once

#include <ctime>

#include "base/units.h"

namespace brink {

/// A point on CLOCK_MONOTONIC. Deadlines are points, never durations.
struct MonotonicTime {
  Duration since_boot{};
  auto operator<=>(const MonotonicTime&) const = default;
  friend MonotonicTime operator+(MonotonicTime t, Duration d) { return {t.since_boot + d}; }
  friend Duration operator-(MonotonicTime a, MonotonicTime b) {
    return a.since_boot - b.since_boot;
  }
};

/// The two clocks brink reads; tests pass a ManualClock.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual MonotonicTime now() const noexcept = 0;
  /// Nanoseconds since the Unix epoch.
  [[nodiscard]] virtual Duration wall() const noexcept = 0;
};

/// The kernel's clocks, read through the vDSO. Thread-safe.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const noexcept override { return {read(CLOCK_MONOTONIC)}; }
  [[nodiscard]] Duration wall() const noexcept override { return read(CLOCK_REALTIME); }

 private:
  static Duration read(clockid_t id) noexcept {
    timespec ts{};
    ::clock_gettime(id, &ts);
    return std::chrono::seconds(ts.tv_sec) + Duration(ts.tv_nsec);
  }
};

/// A clock that stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const noexcept override { return now_; }
  [[nodiscard]] Duration wall() const noexcept override { return wall_; }
  void advance(Duration by) {
    now_ = now_ + by;
    wall_ += by;
  }
  void set_wall(Duration wall) { wall_ = wall; }

 private:
  MonotonicTime now_{std::chrono::seconds(1)};
  Duration wall_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace brink
