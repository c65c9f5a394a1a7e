#include "wasm/epoch_timer.h"

#include <cerrno>
#include <csignal>

#include "base/check.h"

namespace brink::wasm {
namespace {

constexpr int kSignal = SIGURG;

void set(timer_t timer, std::chrono::nanoseconds interval) noexcept {
  itimerspec spec{};
  spec.it_interval.tv_nsec = static_cast<long>(interval.count());
  spec.it_value = spec.it_interval;
  ::timer_settime(timer, 0, &spec, nullptr);
}

}  // namespace

Result<std::unique_ptr<EpochTimer>> EpochTimer::create(const Engine& engine) {
  std::unique_ptr<EpochTimer> timer(new EpochTimer(engine));
  struct sigaction action{};
  action.sa_sigaction = &EpochTimer::on_tick;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  if (::sigaction(kSignal, &action, nullptr) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "sigaction", errno));
  }
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = kSignal;
  event.sigev_value.sival_ptr = timer.get();
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer->timer_) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "timer_create", errno));
  }
  return timer;
}

EpochTimer::~EpochTimer() { ::timer_delete(timer_); }

void EpochTimer::enter() noexcept {
  running_.store(true, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (armed_.load(std::memory_order_relaxed)) return;
  armed_.store(true, std::memory_order_relaxed);
  set(timer_, kTick);
}

void EpochTimer::on_tick(int /*signal*/, siginfo_t* info, void* /*context*/) {
  if (info->si_code != SI_TIMER) return;
  const int saved_errno = errno;
  auto& self = *static_cast<EpochTimer*>(info->si_value.sival_ptr);
  if (self.running_.load(std::memory_order_relaxed)) {
    self.engine_.increment_epoch();
  } else {
    self.armed_.store(false, std::memory_order_relaxed);
    set(self.timer_, std::chrono::nanoseconds(0));
  }
  errno = saved_errno;
}

}  // namespace brink::wasm
