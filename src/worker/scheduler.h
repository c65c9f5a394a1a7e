#pragma once

#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"

namespace brink::worker {

/// Something that wants to go on later: a guest out of its slice, or asleep.
class Runnable {
 public:
  virtual void run_slice() = 0;

 protected:
  ~Runnable() = default;
};

/// Who runs next, apart from what the event loop says: guests that used up their
/// slice take turns, one slice between two looks at the sockets, so that what is
/// short does not wait behind what is long. Not thread-safe; owns nothing.
class Scheduler {
 public:
  /// Puts it at the end of the queue; it must not be in there.
  void push(Runnable& runnable) { ready_.push_back(&runnable); }

  /// Runs it at `when`, or at the next turn if that has passed.
  void sleep(Runnable& runnable, MonotonicTime when) { asleep_.emplace(when, &runnable); }

  /// Takes it out of the queue and wakes nobody. O(n) in the queue's length, for
  /// the rare case that a guest is ended from outside.
  void forget(Runnable& runnable, std::optional<MonotonicTime> sleeping_until);

  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }
  [[nodiscard]] std::optional<MonotonicTime> next_wake() const;

  /// Moves those whose time has come to the queue, then runs the first in it.
  void turn(MonotonicTime now);

 private:
  std::deque<Runnable*> ready_;
  std::set<std::pair<MonotonicTime, Runnable*>> asleep_;
};

}  // namespace brink::worker
