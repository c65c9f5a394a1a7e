#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wasi/family.h"
#include "wasi/signal_set.h"
#include "wasi/signal_timers.h"
#include "wasm/interrupts.h"

namespace brink::wasi {

class Process;

/// What the threads of a guest process share about signals.
class ProcessSignals {
 public:
  /// `clock` is not owned.
  explicit ProcessSignals(const Clock& clock) : clock_(clock) {}

  /// Makes a signal (1 to signal::last) pending for whichever thread can take it
  /// first. Async-signal-safe; whoever waits has to be woken besides.
  void raise(std::uint32_t number) noexcept { pending_.add(number); }

  /// As setitimer(2): the timer as it was. In the caller's turn.
  SignalTimers::Setting set_timer(std::uint32_t number, const SignalTimers::Setting& setting);

  /// What the process was started with: the signals it ignores. Before it runs.
  void set_dispositions(std::vector<SignalDisposition> dispositions);
  [[nodiscard]] std::span<const SignalDisposition> dispositions() const {
    if (dispositions_.empty()) return kUsual;
    return dispositions_;
  }

  /// In the child of a fork: timers and pending signals stay with the parent.
  void forget_after_fork() noexcept;

 private:
  friend class Signals;

  const Clock& clock_;
  SignalSet pending_;
  std::atomic<bool> has_timers_{false};
  std::unique_ptr<SignalTimers> timers_;  ///< made by the first one, stays
  std::uint64_t ignored_ = 0;
  // A libc that is told of none leaves its handler of unhandled signals unset, and
  // traps at the first.
  static constexpr SignalDisposition kUsual[] = {
      {signal::child, SignalDisposition::Action::standard}};
  std::vector<SignalDisposition> dispositions_;  ///< empty: the usual ones
};

/// Signals of one guest thread: delivered by calling the function that the program
/// has named, at the end of host calls and of waits. While a handler runs, its signal
/// waits. Without a handler the default action is done; a stopped process could never
/// be continued, so stop signals do nothing.
class Signals final : public wasm::Interrupts {
 public:
  /// `process` is not owned.
  explicit Signals(Process& process);

  /// Makes a signal pending for this thread. Async-signal-safe; a thread that waits
  /// has to be woken besides.
  void raise(std::uint32_t number) noexcept { pending_.add(number); }

  /// Names the exported function that handles signals from now on. One that is not
  /// exported means: none are handled, and they wait.
  void set_handler(std::string name, const wasm::Caller& caller);
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  /// For a new thread: as another one that runs it. Its signals are not blocked: a
  /// libc blocks them while it starts a thread.
  void inherit(const Signals& parent) { handler_ = parent.handler_; }
  /// In the child of a fork.
  void forget_after_fork() noexcept { pending_.clear(); }

  [[nodiscard]] bool pending() const noexcept override;
  [[nodiscard]] std::optional<MonotonicTime> next() const noexcept override;
  Delivery deliver(wasm::Caller& caller) noexcept override;

 private:
  [[nodiscard]] std::uint64_t deliverable() const noexcept;
  Delivery deliver_one(wasm::Caller& caller, std::uint32_t number) noexcept;
  Delivery end_by(std::uint32_t number) noexcept;

  Process& process_;
  ProcessSignals& shared_;
  SignalSet pending_;
  std::uint64_t running_ = 0;  ///< signals whose handlers are being run
  std::string handler_;        ///< empty: none was ever named
  bool blocked_ = false;
};

}  // namespace brink::wasi
