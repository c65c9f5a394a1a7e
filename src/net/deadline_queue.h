#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace brink::net {

class DeadlineQueue;

/// What waits in a DeadlineQueue. Embed it in (or derive from it) the object with
/// the deadline; it leaves its queue when destroyed. Not copyable, not movable:
/// the queue points at it. One thread, the queue's.
class DeadlineEntry {
 public:
  DeadlineEntry() = default;
  DeadlineEntry(const DeadlineEntry&) = delete;
  DeadlineEntry& operator=(const DeadlineEntry&) = delete;
  ~DeadlineEntry();

  [[nodiscard]] bool scheduled() const noexcept { return queue_ != nullptr; }

 private:
  friend class DeadlineQueue;

  DeadlineEntry* previous_ = nullptr;
  DeadlineEntry* next_ = nullptr;
  DeadlineQueue* queue_ = nullptr;
  std::uint64_t due_tick_ = 0;     ///< when it expires
  std::uint64_t linked_tick_ = 0;  ///< whose bucket it is in: at most due_tick_
};

/// Coarse deadlines for tens of thousands of connections: a hashed timer wheel
/// (Varghese and Lauck, 1987, scheme 6) of 512 buckets, 67 ms each. No operation
/// allocates or makes a system call; schedule and cancel are O(1). A deadline is
/// never early, and late by at most one tick plus the caller's own delay.
///
/// Moving a deadline further away, what every request on a connection does to its
/// idle timeout, writes only to the entry: it stays in its bucket and is put into
/// the right one when that bucket comes up.
///
/// The owner sleeps until next_wake(), then calls expire(). An empty queue asks
/// for no wake-up, so an idle worker sleeps. Single-threaded. Entries must leave
/// before the queue goes (checked).
class DeadlineQueue {
 public:
  static constexpr unsigned kTickShift = 26;  ///< 2^26 ns, about 67 ms
  static constexpr Duration kTick{1LL << kTickShift};
  static constexpr std::size_t kBuckets = 512;

  explicit DeadlineQueue(MonotonicTime now) noexcept;
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;
  ~DeadlineQueue();

  /// Sets or moves the entry's deadline. One in the past expires at the next tick.
  /// The entry may belong to no other queue (checked).
  void schedule(DeadlineEntry& entry, MonotonicTime when) noexcept;

  /// Takes the entry out; nothing happens if it is not in.
  void cancel(DeadlineEntry& entry) noexcept;

  /// Calls `on_expired(DeadlineEntry&)` for each entry whose deadline is not after
  /// `now`; the entry is out of the queue by then. The callback may schedule,
  /// cancel and destroy any entry, this one included, and must not call expire.
  /// Returns how many expired.
  template <class Callback>
  std::size_t expire(MonotonicTime now, Callback&& on_expired) {
    std::size_t count = 0;
    collect(now);
    while (DeadlineEntry* entry = pop_expired()) {
      ++count;
      on_expired(*entry);
    }
    return count;
  }

  /// When to call expire next: never after the earliest deadline's tick. None if
  /// nothing is scheduled. O(kBuckets / 64).
  [[nodiscard]] std::optional<MonotonicTime> next_wake() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  friend class DeadlineEntry;

  void collect(MonotonicTime now) noexcept;
  void visit_bucket(std::size_t bucket, std::uint64_t now_tick) noexcept;
  DeadlineEntry* pop_expired() noexcept;
  void link(DeadlineEntry& entry, std::uint64_t tick) noexcept;
  void unlink(DeadlineEntry& entry) noexcept;

  std::array<DeadlineEntry*, kBuckets> heads_{};
  std::array<std::uint64_t, kBuckets / 64> occupied_{};  ///< a bit per non-empty bucket
  DeadlineEntry* expired_ = nullptr;  ///< due, not yet reported: linked_tick_ is kExpired
  std::uint64_t current_tick_;        ///< the last tick that has been collected
  std::size_t size_ = 0;
};

}  // namespace brink::net
