#include "sandbox/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace brink::sandbox {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr std::size_t kStackSize = 64 * 1024;

/// What the child needs; prepared before it exists, because it may not allocate.
struct Plan {
  const char* executable = nullptr;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<int> descriptors;  ///< replaced by copies above the targets
  OnParentDeath on_parent_death = OnParentDeath::live_on;
  pid_t parent = 0;
  // Written by the child, in memory it shares with us.
  const char* failed_step = nullptr;
  int error = 0;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// A stack for the child's few calls, with a guard page below.
class ChildStack {
 public:
  ChildStack() {
    base_ = ::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (base_ != MAP_FAILED) ::mprotect(base_, 4096, PROT_NONE);
  }
  ~ChildStack() {
    if (base_ != MAP_FAILED) ::munmap(base_, kStackSize);
  }
  ChildStack(const ChildStack&) = delete;
  ChildStack& operator=(const ChildStack&) = delete;
  [[nodiscard]] bool ok() const { return base_ != MAP_FAILED; }
  [[nodiscard]] void* top() const { return static_cast<char*>(base_) + kStackSize; }

 private:
  void* base_;
};

// Everything below until run_child runs in the child on the parent's memory while
// the parent stands still: system calls only, and no sanitizer, which does not know
// this stack.
#define BRINK_IN_CHILD [[gnu::no_sanitize("address", "undefined")]]

BRINK_IN_CHILD bool place_descriptors(Plan& plan) {
  const int count = static_cast<int>(plan.descriptors.size());
  for (int& fd : plan.descriptors) {
    fd = ::fcntl(fd, F_DUPFD, kFirstDescriptor + count);
    if (fd < 0) return false;
  }
  int target = kFirstDescriptor;
  for (const int fd : plan.descriptors) {
    if (::dup2(fd, target++) < 0) return false;
  }
  return ::syscall(SYS_close_range, target, ~0U, 0) == 0;
}

BRINK_IN_CHILD void reset_signals() {
  struct sigaction action;
  ::memset(&action, 0, sizeof action);
  for (int signal = 1; signal < 65; ++signal) {
    // By system call: the C library refuses to touch its own two signals, which
    // must not reach the new program as ignored ones either.
    ::syscall(SYS_rt_sigaction, signal, &action, nullptr, 8);
  }
  const std::uint64_t none = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, 8);
}

BRINK_IN_CHILD const char* prepare_and_exec(Plan& plan) {
  if (::setpgid(0, 0) != 0) return "setpgid";
  if (plan.on_parent_death == OnParentDeath::die) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return "PR_SET_PDEATHSIG";
    if (::getppid() != plan.parent) return "the parent has died";
  }
  if (!place_descriptors(plan)) return "pass descriptors";
  reset_signals();
  ::execve(plan.executable, plan.arguments.data(), plan.environment.data());
  return "exec";
}

BRINK_IN_CHILD int run_child(void* argument) {
  auto& plan = *static_cast<Plan*>(argument);
  plan.failed_step = prepare_and_exec(plan);
  plan.error = errno;
  ::_exit(127);
}

Result<std::optional<ExitStatus>> wait_on(const Child& child, int flags) {
  siginfo_t info{};
  int result = -1;
  do {
    result = ::waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), &info, WEXITED | flags);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return std::unexpected(errno_error(ErrorCode::internal, "waitid", errno));
  if (info.si_pid == 0) return std::nullopt;
  return info.si_code == CLD_EXITED ? ExitStatus::exited(info.si_status)
                                    : ExitStatus::killed(info.si_status);
}

}  // namespace

std::string ExitStatus::text() const {
  if (signal_ == 0) return "exit code " + std::to_string(code_);
  const char* const name = ::sigabbrev_np(signal_);
  std::string text = "killed by " + (name != nullptr ? "SIG" + std::string(name)
                                                     : "signal " + std::to_string(signal_));
  if (signal_ == SIGSYS) text += " (a forbidden system call)";
  return text;
}

Result<Child> spawn(const SpawnOptions& options) {
  BRINK_CHECK(!options.arguments.empty());
  Plan plan;
  plan.executable = options.executable.c_str();
  plan.arguments = pointers(options.arguments);
  plan.environment = pointers(options.environment);
  plan.descriptors = options.descriptors;
  plan.on_parent_death = options.on_parent_death;
  plan.parent = ::getpid();
  const ChildStack stack;
  if (!stack.ok()) return std::unexpected(errno_error(ErrorCode::io_error, "spawn", errno));

  // No handler of ours may run in the child, on our memory.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  int pidfd = -1;
  const pid_t pid = ::clone(run_child, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                            &plan, &pidfd);
  const int clone_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    Error error = errno_error(ErrorCode::resource_exhausted, "can't start a process", clone_error);
    error.remedy = "raise the limit of processes (ulimit -u, or pids.max of the cgroup)";
    return std::unexpected(std::move(error));
  }
  Child child{pid, UniqueFd(pidfd)};
  if (plan.failed_step == nullptr) return child;
  static_cast<void>(wait_on(child, 0));
  return std::unexpected(errno_error(ErrorCode::io_error,
                                     "can't start " + options.executable + ": " + plan.failed_step,
                                     plan.error));
}

Result<void> die_with_parent(pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "PR_SET_PDEATHSIG", errno));
  }
  if (::getppid() != parent) return fail(ErrorCode::internal, "the parent has died");
  return {};
}

Result<std::optional<ExitStatus>> try_reap(const Child& child) { return wait_on(child, WNOHANG); }

Result<std::optional<ExitStatus>> reap(const Child& child, MonotonicTime deadline) {
  for (;;) {
    const Duration left = std::max(deadline - SystemClock().now(), Duration::zero());
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{whole.count(), (left - whole).count()};
    pollfd entry{child.pidfd.get(), POLLIN, 0};
    const int ready = ::ppoll(&entry, 1, &timeout, nullptr);
    if (ready > 0) return wait_on(child, WNOHANG);
    if (ready == 0) return std::nullopt;
    if (errno != EINTR) return std::unexpected(errno_error(ErrorCode::internal, "ppoll", errno));
  }
}

Result<void> send_signal(const Child& child, int signal) {
  if (::syscall(SYS_pidfd_send_signal, child.pidfd.get(), signal, nullptr, 0) == 0 ||
      errno == ESRCH) {
    return {};
  }
  return std::unexpected(errno_error(ErrorCode::internal, "pidfd_send_signal", errno));
}

void kill_group(const Child& child) noexcept {
  if (child.pid > 1) ::kill(-child.pid, SIGKILL);
}

}  // namespace brink::sandbox
