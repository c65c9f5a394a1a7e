#include "sandbox/seccomp.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include <cerrno>

#include "sandbox/in_child_test_util.h"

namespace brink::sandbox {
namespace {

constexpr int kCantLock = 99;

/// A raw call: its errno, or 0.
template <class... Arguments>
int outcome(long number, Arguments... arguments) {
  return ::syscall(number, arguments...) < 0 ? errno : 0;
}

template <class Body>
ExitStatus under(FilterRole role, Body body, Outbound outbound = Outbound::refused) {
  return in_child([&] { return apply_seccomp({role, outbound}) ? body() : kCantLock; });
}

const ExitStatus kKilled = ExitStatus::killed(SIGSYS);
const ExitStatus kPassed = ExitStatus::exited(0);

struct Attempt {
  const char* name;
  int (*run)();
};

/// What must end the process, whatever the role.
const Attempt kEscapes[] = {
    {"execve", [] { return outcome(SYS_execve, "/bin/true", nullptr, nullptr); }},
    {"execveat", [] { return outcome(SYS_execveat, -1, "/bin/true", nullptr, nullptr, 0); }},
    {"ptrace", [] { return outcome(SYS_ptrace, 0, 0, 0, 0); }},
    {"process_vm_readv", [] { return outcome(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0); }},
    {"process_vm_writev", [] { return outcome(SYS_process_vm_writev, 1, 0, 0, 0, 0, 0); }},
    {"bpf", [] { return outcome(SYS_bpf, 0, 0, 0); }},
    {"mount", [] { return outcome(SYS_mount, "x", "/", "tmpfs", 0, 0); }},
    {"move_mount", [] { return outcome(SYS_move_mount, 0, 0, 0, 0, 0); }},
    {"init_module", [] { return outcome(SYS_init_module, 0, 0, 0); }},
    {"keyctl", [] { return outcome(SYS_keyctl, 0, 0, 0, 0, 0); }},
    {"userfaultfd", [] { return outcome(SYS_userfaultfd, 0); }},
    {"perf_event_open", [] { return outcome(SYS_perf_event_open, 0, 0, 0, 0, 0); }},
    {"io_uring_setup", [] { return outcome(SYS_io_uring_setup, 1, 0); }},
    {"setns", [] { return outcome(SYS_setns, 0, 0); }},
    {"unshare", [] { return outcome(SYS_unshare, CLONE_NEWUSER); }},
    {"chroot", [] { return outcome(SYS_chroot, "/"); }},
    {"open_by_handle_at", [] { return outcome(SYS_open_by_handle_at, 0, 0, 0); }},
};

TEST(SystemCallFilter, KillsEveryRoleThatTriesToEscape) {
  for (const FilterRole role :
       {FilterRole::worker, FilterRole::compiler, FilterRole::app, FilterRole::disk}) {
    for (const Attempt& attempt : kEscapes) {
      EXPECT_EQ(under(role, attempt.run), kKilled)
          << attempt.name << " in role " << static_cast<int>(role);
    }
  }
}

/// What fails in a worker and leaves it alive.
const Attempt kRefusedInWorker[] = {
    {"fork", [] { return outcome(SYS_fork); }},
    {"vfork", [] { return outcome(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0); }},
    {"thread", [] { return outcome(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0, 0); }},
    {"kill another", [] { return outcome(SYS_kill, ::getppid(), 0); }},
    {"kill the group", [] { return outcome(SYS_kill, 0, 0); }},
    {"tgkill another", [] { return outcome(SYS_tgkill, ::getppid(), ::getppid(), 0); }},
    {"pidfd_open", [] { return outcome(SYS_pidfd_open, ::getppid(), 0); }},
    {"tcp socket", [] { return outcome(SYS_socket, AF_INET, SOCK_STREAM, 0); }},
    {"unix socket", [] { return outcome(SYS_socket, AF_UNIX, SOCK_STREAM, 0); }},
    {"netlink socket", [] { return outcome(SYS_socket, AF_NETLINK, SOCK_RAW, 0); }},
    {"setsid", [] { return outcome(SYS_setsid); }},
    {"setpgid", [] { return outcome(SYS_setpgid, 0, 0); }},
    {"setuid", [] { return outcome(SYS_setuid, 0); }},
    {"limits of others", [] { return outcome(SYS_prlimit64, ::getppid(), 7, 0, 0); }},
    {"typing into the terminal", [] { return outcome(SYS_ioctl, 0, TIOCSTI, "x"); }},
    {"the same with high bits set",
     [] { return outcome(SYS_ioctl, 0, 0xffffffff00000000UL | TIOCSTI, "x"); }},
};

TEST(SystemCallFilter, RefusesAWorkerAllBeyondItsWork) {
  for (const Attempt& attempt : kRefusedInWorker) {
    EXPECT_EQ(under(FilterRole::worker, attempt.run), ExitStatus::exited(EPERM)) << attempt.name;
  }
}

TEST(SystemCallFilter, AnswersNewCallsAsAnOldKernelWould) {
  EXPECT_EQ(under(FilterRole::worker, [] { return outcome(SYS_clone3, 0, 0); }),
            ExitStatus::exited(ENOSYS));
  EXPECT_EQ(under(FilterRole::worker, [] { return outcome(470, 0, 0); }),
            ExitStatus::exited(ENOSYS));
}

/// What the engine and the event loop need; the number of what failed, or 0.
int work_as_worker() {
  void* const page =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return 1;
  if (::mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0) return 2;
  sigevent event{};
  event.sigev_notify = SIGEV_NONE;
  timer_t timer{};
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return 3;
  const itimerspec spec{{1, 0}, {1, 0}};
  if (::timer_settime(timer, 0, &spec, nullptr) != 0) return 4;
  if (::memfd_create("x", MFD_CLOEXEC) < 0) return 5;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 6;
  if (::accept4(ends[0], nullptr, nullptr, 0) >= 0 || errno == EPERM) return 7;
  if (outcome(SYS_tgkill, ::getpid(), ::gettid(), 0) != 0) return 8;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 9;
  return ::open("/", O_RDONLY | O_DIRECTORY) < 0 ? 10 : 0;
}

TEST(SystemCallFilter, LetsAWorkerDoItsWork) {
  EXPECT_EQ(under(FilterRole::worker, work_as_worker), kPassed);
}

TEST(SystemCallFilter, LetsAnAbortReachItsSignal) {
  EXPECT_EQ(under(FilterRole::worker,
                  [] {
                    ::signal(SIGABRT, SIG_DFL);
                    ::abort();
                    return 0;
                  }),
            ExitStatus::killed(SIGABRT));
}

TEST(SystemCallFilter, OpensInternetSocketsOnlyWhereAsked) {
  const auto internet = [] {
    if (outcome(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) != 0) return 1;
    if (outcome(SYS_socket, AF_INET6, SOCK_DGRAM, 0) == EPERM) return 2;
    if (outcome(SYS_socket, AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1) != EPERM) return 3;
    if (outcome(SYS_socket, AF_NETLINK, SOCK_DGRAM, 0) != EPERM) return 4;
    if (outcome(SYS_socket, AF_PACKET, SOCK_DGRAM, 0) != EPERM) return 5;
    return outcome(SYS_socket, 40 /* AF_VSOCK */, SOCK_STREAM, 0) != EPERM ? 6 : 0;
  };
  EXPECT_EQ(under(FilterRole::worker, internet, Outbound::allowed), kPassed);
  EXPECT_EQ(under(FilterRole::app, internet, Outbound::allowed), kPassed);
  EXPECT_EQ(under(FilterRole::app, internet), ExitStatus::exited(1));
  EXPECT_EQ(under(
                FilterRole::worker, [] { return outcome(SYS_socket, AF_UNIX, SOCK_STREAM, 0); },
                Outbound::allowed),
            ExitStatus::exited(EPERM));
}

void* do_nothing(void*) { return nullptr; }

TEST(SystemCallFilter, LetsAnAppForkAndThreadButMapNoCode) {
  EXPECT_EQ(under(FilterRole::app,
                  [] {
                    pthread_t thread{};
                    if (::pthread_create(&thread, nullptr, do_nothing, nullptr) != 0) return 1;
                    if (::pthread_join(thread, nullptr) != 0) return 2;
                    if (!in_child([] { return 0; }).success()) return 3;
                    if (outcome(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != EPERM) {
                      return 4;
                    }
                    if (outcome(SYS_setsid) != EPERM) return 5;
                    return outcome(SYS_socket, AF_UNIX, SOCK_STREAM, 0) == 0 ? 0 : 6;
                  }),
            kPassed);
  EXPECT_EQ(under(FilterRole::app,
                  [] { return outcome(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }),
            kKilled);
}

TEST(SystemCallFilter, LeavesADiskHelperReadingAndSyncing) {
  const int file = ::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  EXPECT_EQ(under(FilterRole::disk,
                  [file] {
                    char byte = 0;
                    if (::pread(file, &byte, 1, 0) != 0) return 11;
                    if (::fsync(file) != 0 || ::fdatasync(file) != 0) return 12;
                    if (outcome(SYS_write, file, "x", 1) != EPERM) return 13;
                    if (outcome(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0) != EPERM)
                      return 14;
                    if (outcome(SYS_socket, AF_UNIX, SOCK_STREAM, 0) != EPERM) return 15;
                    if (outcome(SYS_fork) != EPERM) return 16;
                    if (outcome(SYS_ftruncate, file, 1) != EPERM) return 17;
                    return outcome(SYS_unlink, "/nothing") != EPERM ? 18 : 0;
                  }),
            kPassed);
  ::close(file);
}

TEST(SystemCallFilter, LeavesACompilerItsOpenFilesAndMemory) {
  EXPECT_EQ(under(FilterRole::compiler,
                  [] {
                    void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                    if (page == MAP_FAILED) return 1;
                    const int memory = ::memfd_create("out", MFD_CLOEXEC);
                    if (memory < 0 || ::write(memory, "x", 1) != 1) return 2;
                    if (::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0) return 3;
                    if (outcome(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0) != EPERM)
                      return 4;
                    if (outcome(SYS_socket, AF_UNIX, SOCK_STREAM, 0) != EPERM) return 5;
                    if (outcome(SYS_fork) != EPERM) return 6;
                    return outcome(SYS_unlink, "/nothing") != EPERM ? 7 : 0;
                  }),
            kPassed);
}

}  // namespace
}  // namespace brink::sandbox
