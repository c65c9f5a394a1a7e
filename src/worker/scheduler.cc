#include "worker/scheduler.h"

#include <algorithm>

namespace brink::worker {

void Scheduler::forget(Runnable& runnable, std::optional<MonotonicTime> sleeping_until) {
  if (sleeping_until) asleep_.erase({*sleeping_until, &runnable});
  std::erase(ready_, &runnable);
}

std::optional<MonotonicTime> Scheduler::next_wake() const {
  if (asleep_.empty()) return std::nullopt;
  return asleep_.begin()->first;
}

void Scheduler::turn(MonotonicTime now) {
  while (!asleep_.empty() && asleep_.begin()->first <= now) {
    ready_.push_back(asleep_.begin()->second);
    asleep_.erase(asleep_.begin());
  }
  if (ready_.empty()) return;
  Runnable* next = ready_.front();
  ready_.pop_front();
  next->run_slice();
}

}  // namespace brink::worker
