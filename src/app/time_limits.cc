#include "app/time_limits.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <string_view>

#include "package/limits.h"

namespace brink::app {
namespace {

constexpr std::string_view kWallMessage = "brink: the program reached the limit wall_time\n";
constexpr std::string_view kCpuMessage = "brink: the program reached the limit cpu_time\n";

/// Whatever the guest was doing is left as it is: only calls that are safe in a
/// signal handler.
void end(int signal) {
  const std::string_view message = signal == SIGALRM ? kWallMessage : kCpuMessage;
  (void)!::write(STDERR_FILENO, message.data(), message.size());
  ::_exit(kOutOfTime);
}

Result<void> arm(clockid_t clock, int signal, Duration limit) {
  if (limit == package::kUnbounded) return {};
  struct sigaction action{};
  action.sa_handler = end;
  action.sa_flags = SA_ONSTACK;  // a guest may have filled its own stack
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = signal;
  timer_t timer = nullptr;
  itimerspec when{};
  when.it_value.tv_sec = limit.count() / 1'000'000'000;
  when.it_value.tv_nsec = limit.count() % 1'000'000'000;
  if (::sigaction(signal, &action, nullptr) != 0 || ::timer_create(clock, &event, &timer) != 0 ||
      ::timer_settime(timer, 0, &when, nullptr) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "a timer", errno));
  }
  return {};
}

}  // namespace

Result<void> arm_time_limits(Duration wall, Duration cpu) {
  TRY_VOID(arm(CLOCK_MONOTONIC, SIGALRM, wall));
  return arm(CLOCK_PROCESS_CPUTIME_ID, SIGXCPU, cpu);
}

}  // namespace brink::app
