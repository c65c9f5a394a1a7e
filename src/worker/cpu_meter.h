#pragma once

#include <ctime>

#include "base/clock.h"

namespace brink::worker {

/// The processor time of one guest, slice by slice. Short slices are taken from
/// the monotonic clock, which costs no system call; once a guest has used up a
/// whole slice it is measured with the thread's CPU clock, so that a busy machine
/// does not count against it.
class CpuMeter {
 public:
  explicit CpuMeter(const Clock& clock) : clock_(clock) {}

  void reset() {
    used_ = {};
    exact_ = false;
  }
  void begin_slice() { began_ = now(); }
  void end_slice() { used_ += now() - began_; }
  /// From now on by the thread's CPU clock.
  void measure_exactly() { exact_ = true; }

  [[nodiscard]] bool exact() const { return exact_; }

  [[nodiscard]] Duration used() const { return used_; }

 private:
  [[nodiscard]] Duration now() const {
    if (!exact_) return clock_.now().since_boot;
    timespec ts{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return std::chrono::seconds(ts.tv_sec) + Duration(ts.tv_nsec);
  }

  const Clock& clock_;
  Duration used_{};
  Duration began_{};
  bool exact_ = false;
};

}  // namespace brink::worker
