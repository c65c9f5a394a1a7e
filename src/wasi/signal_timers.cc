#include "wasi/signal_timers.h"

#include <algorithm>
#include <limits>

namespace brink::wasi {
namespace {

constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();

std::int64_t later(std::int64_t base, std::int64_t by) {
  return by > kEndOfTime - base ? kEndOfTime : base + by;
}

}  // namespace

SignalTimers::Setting SignalTimers::set(std::uint32_t number, const Setting& setting,
                                        MonotonicTime now) noexcept {
  Timer& timer = timers_[number - 1];
  const std::int64_t at =
      setting.left.count() == 0 ? 0 : later(now.since_boot.count(), setting.left.count());
  Setting before;
  before.interval = Duration(timer.interval.exchange(setting.interval.count()));
  const std::int64_t was = timer.at.exchange(at);
  // One that is due, but has not been looked at yet, has the least time left.
  if (was != 0) before.left = std::max(Duration(1), Duration(was) - now.since_boot);
  return before;
}

void SignalTimers::fire(MonotonicTime now, SignalSet& signals) noexcept {
  const std::int64_t time = now.since_boot.count();
  for (std::uint32_t number = 1; number <= signal::last; ++number) {
    Timer& timer = timers_[number - 1];
    std::int64_t at = timer.at.load(std::memory_order_relaxed);
    if (at == 0 || at > time) continue;
    const std::int64_t interval = timer.interval.load(std::memory_order_relaxed);
    // What was missed meanwhile is one signal, as pending signals are.
    const std::int64_t next = interval == 0 ? 0 : later(time, interval - (time - at) % interval);
    if (timer.at.compare_exchange_strong(at, next)) signals.add(number);
  }
}

std::optional<MonotonicTime> SignalTimers::next() const noexcept {
  std::int64_t least = 0;
  for (const Timer& timer : timers_) {
    const std::int64_t at = timer.at.load(std::memory_order_relaxed);
    if (at != 0 && (least == 0 || at < least)) least = at;
  }
  if (least == 0) return std::nullopt;
  return MonotonicTime{Duration(least)};
}

}  // namespace brink::wasi
