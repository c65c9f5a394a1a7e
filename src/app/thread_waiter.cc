#include "app/thread_waiter.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "base/check.h"

namespace brink::app {
namespace {

// How late a signal may be that interrupts a futex, on kernels that cannot wait on two.
constexpr Duration kSlice = std::chrono::milliseconds(10);

timespec timespec_of(Duration duration) {
  const std::int64_t count = std::max<std::int64_t>(0, duration.count());
  return {.tv_sec = count / 1'000'000'000, .tv_nsec = count % 1'000'000'000};
}

bool is_private(const wasm::WaitSet::Futex& futex) {
  return futex.scope == wasm::WaitSet::Futex::Scope::process;
}

std::uint64_t address_of(const void* word) { return reinterpret_cast<std::uintptr_t>(word); }

}  // namespace

void prepare_wake_signal() {
  struct sigaction action{};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_ONSTACK;
  ::sigaction(kWakeSignal, &action, nullptr);
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, kWakeSignal);
  ::pthread_sigmask(SIG_BLOCK, &wake, nullptr);
}

void ThreadWaiter::begin() noexcept {
  ::pthread_sigmask(SIG_SETMASK, nullptr, &waiting_mask_);
  sigdelset(&waiting_mask_, kWakeSignal);
  interrupted_.store(0);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = kWakeSignal;
  event._sigev_un._tid = ::gettid();
  int timer = kNone;
  BRINK_CHECK(::syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0);
  timer_.store(timer);
}

void ThreadWaiter::end() noexcept {
  if (const int timer = timer_.exchange(kNone); timer != kNone) {
    ::syscall(SYS_timer_delete, timer);
  }
}

void ThreadWaiter::forget() noexcept { timer_.store(kNone); }

void ThreadWaiter::interrupt() noexcept {
  const int timer = timer_.load();
  if (timer == kNone) return;
  interrupted_.store(1);
  ::syscall(SYS_futex, &interrupted_, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr, nullptr, 0);
  const itimerspec now{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 1}};
  ::syscall(SYS_timer_settime, timer, 0, &now, nullptr);
}

bool ThreadWaiter::wait(const wasm::WaitSet& waits) noexcept {
  if (waits.yields()) {
    ::sched_yield();
    return true;
  }
  // Streams that are no kernel descriptors exist in workers only.
  BRINK_CHECK(!waits.awaits_input() && !waits.awaits_output());
  if (interrupted_.exchange(0) != 0) return true;
  if (waits.futex().word != nullptr) {
    wait_on_futex(waits);
  } else {
    wait_in_ppoll(waits);
  }
  interrupted_.store(0);
  return true;
}

void ThreadWaiter::wait_in_ppoll(const wasm::WaitSet& waits) noexcept {
  fds_.clear();
  for (const auto& [fd, events] : waits.interests()) fds_.push_back({fd, events, 0});
  timespec remaining{};
  if (waits.deadline()) remaining = timespec_of(*waits.deadline() - clock_.now());
  // After a signal the attempt is simply repeated.
  ::ppoll(fds_.data(), fds_.size(), waits.deadline() ? &remaining : nullptr, &waiting_mask_);
}

void ThreadWaiter::wait_on_futex(const wasm::WaitSet& waits) noexcept {
  const wasm::WaitSet::Futex& futex = waits.futex();
  std::array<futex_waitv, 2> words{};
  const std::uint32_t scope = is_private(futex) ? FUTEX_PRIVATE_FLAG : 0;
  words[0] = {futex.expected, address_of(futex.word), FUTEX_32 | scope, 0};
  words[1] = {0, address_of(&interrupted_), FUTEX_32 | FUTEX_PRIVATE_FLAG, 0};
  timespec until{};
  if (waits.deadline()) until = timespec_of(waits.deadline()->since_boot);
  const long result = ::syscall(SYS_futex_waitv, words.data(), words.size(), 0,
                                waits.deadline() ? &until : nullptr, CLOCK_MONOTONIC);
  if (result < 0 && errno == ENOSYS) wait_on_futex_in_slices(waits);
}

void ThreadWaiter::wait_on_futex_in_slices(const wasm::WaitSet& waits) noexcept {
  const wasm::WaitSet::Futex& futex = waits.futex();
  const int operation = FUTEX_WAIT | (is_private(futex) ? FUTEX_PRIVATE_FLAG : 0);
  while (interrupted_.load() == 0) {
    Duration left = kSlice;
    if (waits.deadline()) left = std::min(left, *waits.deadline() - clock_.now());
    if (left.count() <= 0) return;
    const timespec slice = timespec_of(left);
    const long result =
        ::syscall(SYS_futex, futex.word, operation, futex.expected, &slice, nullptr, 0);
    if (result == 0 || errno != ETIMEDOUT) return;
  }
}

}  // namespace brink::app
