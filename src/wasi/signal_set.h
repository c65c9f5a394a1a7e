#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace brink::wasi {

/// Signals by Linux's numbers; WASIX programs use those, preview1 has fewer.
namespace signal {
inline constexpr std::uint32_t hup = 1;
inline constexpr std::uint32_t interrupt = 2;
inline constexpr std::uint32_t kill = 9;
inline constexpr std::uint32_t alarm = 14;
inline constexpr std::uint32_t term = 15;
inline constexpr std::uint32_t child = 17;
inline constexpr std::uint32_t last = 64;
}  // namespace signal

constexpr std::uint64_t signal_bit(std::uint32_t number) {
  return std::uint64_t{1} << (number - 1);
}

/// What a signal does that nobody handles.
enum class DefaultAction : std::uint8_t { ends, none, stops };

constexpr DefaultAction default_action(std::uint32_t number) {
  constexpr std::uint64_t kNone = signal_bit(signal::child) | signal_bit(18) /* CONT */ |
                                  signal_bit(23) /* URG */ | signal_bit(28) /* WINCH */;
  constexpr std::uint64_t kStops =
      signal_bit(19) | signal_bit(20) | signal_bit(21) | signal_bit(22);  // STOP, TSTP, TTIN, TTOU
  if ((signal_bit(number) & kNone) != 0) return DefaultAction::none;
  return (signal_bit(number) & kStops) != 0 ? DefaultAction::stops : DefaultAction::ends;
}

/// Pending signals. Used from any thread and from signal handlers of the host.
class SignalSet {
 public:
  /// `number` from 1 to signal::last.
  void add(std::uint32_t number) noexcept {
    bits_.fetch_or(signal_bit(number), std::memory_order_release);
  }
  /// Takes out the lowest of those in `among`; 0: there is none.
  std::uint32_t take(std::uint64_t among) noexcept {
    for (std::uint64_t now = bits(); (now & among) != 0; now = bits()) {
      const auto number = static_cast<std::uint32_t>(std::countr_zero(now & among)) + 1;
      // Another thread may have been faster.
      const std::uint64_t bit = signal_bit(number);
      if ((bits_.fetch_and(~bit, std::memory_order_acquire) & bit) != 0) return number;
    }
    return 0;
  }
  void clear() noexcept { bits_.store(0, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t bits() const noexcept {
    return bits_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> bits_{0};
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "signal handlers use it");

}  // namespace brink::wasi
