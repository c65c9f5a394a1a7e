#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>

#include "sandbox/in_child_test_util.h"
#include "sandbox/landlock.h"
#include "sandbox/privileges.h"
#include "sandbox/seccomp.h"

namespace brink::sandbox {
namespace {

/// All locks, in the order in which a role applies them.
bool lock_down(FilterRole role, int directory) {
  return drop_privileges({65534, 65534}) &&
         apply_landlock({{{directory, FileAccess::read}}, TcpAccess::refused}) &&
         apply_seccomp({role, Outbound::refused});
}

class LockDown : public testing::TestWithParam<FilterRole> {};

TEST_P(LockDown, HoldsAltogetherAndLeavesOpenDescriptors) {
  const UniqueFd directory(::open("/usr", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const ExitStatus status = in_child([&] {
    const int zero = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    if (!lock_down(GetParam(), directory.get())) return 1;
    char byte = 1;
    if (::read(zero, &byte, 1) != 1 || byte != 0) return 2;
    if (::open("/etc/passwd", O_RDONLY) >= 0 && landlock_abi() > 0) return 3;
    if (::kill(::getppid(), 0) == 0) return 4;
    const bool may_open = GetParam() != FilterRole::compiler;
    if ((::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY) >= 0) != may_open) return 5;
    void* const page =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool may_execute = GetParam() == FilterRole::worker;
    return (::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0) == may_execute ? 0 : 6;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

INSTANTIATE_TEST_SUITE_P(Roles, LockDown,
                         testing::Values(FilterRole::worker, FilterRole::compiler,
                                         FilterRole::app));

}  // namespace
}  // namespace brink::sandbox
