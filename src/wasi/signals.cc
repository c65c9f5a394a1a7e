#include "wasi/signals.h"

#include <utility>

#include "wasi/process.h"

namespace brink::wasi {

SignalTimers::Setting ProcessSignals::set_timer(std::uint32_t number,
                                                const SignalTimers::Setting& setting) {
  if (!timers_) timers_ = std::make_unique<SignalTimers>();
  const SignalTimers::Setting before = timers_->set(number, setting, clock_.now());
  // From now on every call looks at the clock, even if none is set any more: another
  // thread could be setting one.
  has_timers_.store(true, std::memory_order_release);
  return before;
}

void ProcessSignals::set_dispositions(std::vector<SignalDisposition> dispositions) {
  ignored_ = 0;
  for (const SignalDisposition& one : dispositions) {
    if (one.signal == 0 || one.signal > signal::last) continue;
    if (one.action == SignalDisposition::Action::ignore) ignored_ |= signal_bit(one.signal);
  }
  if (!dispositions.empty()) dispositions_ = std::move(dispositions);
}

void ProcessSignals::forget_after_fork() noexcept {
  pending_.clear();
  has_timers_.store(false, std::memory_order_relaxed);
  timers_.reset();
}

Signals::Signals(Process& process) : process_(process), shared_(process.signals()) {}

void Signals::set_handler(std::string name, const wasm::Caller& caller) {
  blocked_ = !caller.exports(name);
  if (!blocked_) handler_ = std::move(name);
}

std::uint64_t Signals::deliverable() const noexcept {
  return blocked_ ? signal_bit(signal::kill) : ~running_;
}

bool Signals::pending() const noexcept {
  return ((pending_.bits() | shared_.pending_.bits()) & deliverable()) != 0 ||
         shared_.has_timers_.load(std::memory_order_relaxed);
}

std::optional<MonotonicTime> Signals::next() const noexcept {
  if (!shared_.has_timers_.load(std::memory_order_acquire)) return std::nullopt;
  return shared_.timers_->next();
}

Signals::Delivery Signals::end_by(std::uint32_t number) noexcept {
  process_.set_exit({ProcessExit::Reason::signal, number});
  return Delivery::killed;
}

Signals::Delivery Signals::deliver_one(wasm::Caller& caller, std::uint32_t number) noexcept {
  const bool fatal = default_action(number) == DefaultAction::ends;
  if (number == signal::kill) return end_by(number);
  if (handler_.empty()) {
    const bool ignored = (shared_.ignored_ & signal_bit(number)) != 0;
    return fatal && !ignored ? end_by(number) : Delivery::nothing;
  }
  running_ |= signal_bit(number);
  const std::uint32_t argument[] = {number};
  const wasm::Caller::Ran ran = caller.call(handler_, argument);
  running_ &= ~signal_bit(number);
  switch (ran) {
    case wasm::Caller::Ran::returned:
      return Delivery::handled;
    case wasm::Caller::Ran::missing:
      return Delivery::nothing;
    case wasm::Caller::Ran::left:
      return Delivery::ends;
    case wasm::Caller::Ran::trapped:
      break;
  }
  // A libc without a handler of its own for it calls a null pointer.
  return fatal ? end_by(number) : Delivery::ends;
}

Signals::Delivery Signals::deliver(wasm::Caller& caller) noexcept {
  if (shared_.has_timers_.load(std::memory_order_acquire)) {
    shared_.timers_->fire(shared_.clock_.now(), shared_.pending_);
  }
  Delivery result = Delivery::nothing;
  while (true) {
    std::uint32_t number = pending_.take(deliverable());
    if (number == 0) number = shared_.pending_.take(deliverable());
    if (number == 0) return result;
    const Delivery one = deliver_one(caller, number);
    if (one == Delivery::ends || one == Delivery::killed) return one;
    if (one == Delivery::handled) result = one;
  }
}

}  // namespace brink::wasi
