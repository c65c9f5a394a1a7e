#pragma once

#include <poll.h>
#include <sys/types.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "wasm/guest.h"

namespace brink::app {

/// Wakes threads out of ppoll. Blocked everywhere else, so that no wake-up is lost.
inline constexpr int kWakeSignal = SIGUSR2;

/// Blocks kWakeSignal for this thread and those that it starts. Once per process, before
/// any waits.
void prepare_wake_signal();

/// Lets a thread wait for what its guest awaits: in ppoll, or on a futex. Waits can be
/// interrupted from any thread and from signal handlers: the present one, or the next.
class ThreadWaiter final : public wasm::Waiter {
 public:
  explicit ThreadWaiter(const Clock& clock) : clock_(clock) {}

  /// The calling thread is the one that waits from now on, until end().
  void begin() noexcept;
  void end() noexcept;
  /// In the child of a fork: as end(), for what is the parent's.
  void forget() noexcept;

  bool wait(const wasm::WaitSet& waits) noexcept override;

  /// Async-signal-safe. Does nothing without a thread.
  void interrupt() noexcept;

 private:
  void wait_in_ppoll(const wasm::WaitSet& waits) noexcept;
  void wait_on_futex(const wasm::WaitSet& waits) noexcept;
  void wait_on_futex_in_slices(const wasm::WaitSet& waits) noexcept;

  const Clock& clock_;
  std::vector<pollfd> fds_;
  sigset_t waiting_mask_{};
  // Wakes the thread at once. Signals could be sent otherwise, but only a timer
  // works under a filter that a forked process inherits with its parent's number.
  static constexpr int kNone = -1;
  std::atomic<int> timer_{kNone};
  std::atomic<std::uint32_t> interrupted_{0};  ///< a futex that waits are on, too
};

}  // namespace brink::app
