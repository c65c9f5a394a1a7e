#include "net/deadline_queue.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"

namespace brink::net {
namespace {

/// linked_tick_ of an entry that waits in the list of expired ones.
constexpr std::uint64_t kExpired = std::numeric_limits<std::uint64_t>::max();

std::uint64_t tick_not_after(MonotonicTime time) {
  const auto ns = std::max<Duration::rep>(time.since_boot.count(), 0);
  return static_cast<std::uint64_t>(ns) >> DeadlineQueue::kTickShift;
}

/// The first tick whose start is not before `time`: never early.
std::uint64_t tick_not_before(MonotonicTime time) {
  const auto ns = static_cast<std::uint64_t>(std::max<Duration::rep>(time.since_boot.count(), 0));
  return (ns + (std::uint64_t{1} << DeadlineQueue::kTickShift) - 1) >> DeadlineQueue::kTickShift;
}

std::size_t bucket_of(std::uint64_t tick) { return tick % DeadlineQueue::kBuckets; }

}  // namespace

DeadlineEntry::~DeadlineEntry() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

DeadlineQueue::DeadlineQueue(MonotonicTime now) noexcept : current_tick_(tick_not_after(now)) {}

DeadlineQueue::~DeadlineQueue() { BRINK_CHECK(size_ == 0); }

void DeadlineQueue::schedule(DeadlineEntry& entry, MonotonicTime when) noexcept {
  BRINK_CHECK(entry.queue_ == nullptr || entry.queue_ == this);
  const std::uint64_t due = std::max(tick_not_before(when), current_tick_ + 1);
  if (entry.queue_ == this) {
    if (entry.linked_tick_ <= due) {
      entry.due_tick_ = due;
      return;
    }
    unlink(entry);
  } else {
    entry.queue_ = this;
    ++size_;
  }
  entry.due_tick_ = due;
  link(entry, due);
}

void DeadlineQueue::cancel(DeadlineEntry& entry) noexcept {
  if (entry.queue_ == nullptr) return;
  BRINK_CHECK(entry.queue_ == this);
  unlink(entry);
  entry.queue_ = nullptr;
  --size_;
}

std::optional<MonotonicTime> DeadlineQueue::next_wake() const noexcept {
  if (expired_ != nullptr) return MonotonicTime{Duration(current_tick_ << kTickShift)};
  const std::size_t first = bucket_of(current_tick_ + 1);
  for (std::size_t step = 0; step <= occupied_.size(); ++step) {
    const std::size_t index = (first / 64 + step) % occupied_.size();
    std::uint64_t word = occupied_[index];
    if (step == 0) word &= ~std::uint64_t{0} << (first % 64);
    if (step == occupied_.size()) word &= ~(~std::uint64_t{0} << (first % 64));
    if (word == 0) continue;
    const std::size_t bucket = index * 64 + static_cast<std::size_t>(std::countr_zero(word));
    const std::uint64_t ahead = (bucket + kBuckets - first) % kBuckets;
    return MonotonicTime{Duration((current_tick_ + 1 + ahead) << kTickShift)};
  }
  return std::nullopt;
}

void DeadlineQueue::collect(MonotonicTime now) noexcept {
  const std::uint64_t now_tick = tick_not_after(now);
  if (now_tick <= current_tick_) return;
  const std::uint64_t first = current_tick_ + 1;
  const std::uint64_t buckets = std::min<std::uint64_t>(now_tick - current_tick_, kBuckets);
  current_tick_ = now_tick;
  if (size_ == 0) return;
  for (std::uint64_t i = 0; i < buckets; ++i) visit_bucket(bucket_of(first + i), now_tick);
}

void DeadlineQueue::visit_bucket(std::size_t bucket, std::uint64_t now_tick) noexcept {
  for (DeadlineEntry* entry = heads_[bucket]; entry != nullptr;) {
    DeadlineEntry* const following = entry->next_;
    if (entry->due_tick_ <= now_tick) {
      unlink(*entry);
      link(*entry, kExpired);
    } else if (entry->due_tick_ != entry->linked_tick_) {
      unlink(*entry);
      link(*entry, entry->due_tick_);
    }
    entry = following;
  }
}

DeadlineEntry* DeadlineQueue::pop_expired() noexcept {
  DeadlineEntry* const entry = expired_;
  if (entry != nullptr) cancel(*entry);
  return entry;
}

void DeadlineQueue::link(DeadlineEntry& entry, std::uint64_t tick) noexcept {
  DeadlineEntry*& head = tick == kExpired ? expired_ : heads_[bucket_of(tick)];
  entry.linked_tick_ = tick;
  entry.previous_ = nullptr;
  entry.next_ = head;
  if (head != nullptr) head->previous_ = &entry;
  head = &entry;
  if (tick != kExpired) occupied_[bucket_of(tick) / 64] |= std::uint64_t{1} << (tick % 64);
}

void DeadlineQueue::unlink(DeadlineEntry& entry) noexcept {
  const std::uint64_t tick = entry.linked_tick_;
  DeadlineEntry*& head = tick == kExpired ? expired_ : heads_[bucket_of(tick)];
  (entry.previous_ != nullptr ? entry.previous_->next_ : head) = entry.next_;
  if (entry.next_ != nullptr) entry.next_->previous_ = entry.previous_;
  entry.previous_ = entry.next_ = nullptr;
  if (tick != kExpired && head == nullptr) {
    occupied_[bucket_of(tick) / 64] &= ~(std::uint64_t{1} << (tick % 64));
  }
}

}  // namespace brink::net
