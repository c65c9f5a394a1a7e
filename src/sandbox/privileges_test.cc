#include "sandbox/privileges.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "sandbox/in_child_test_util.h"

namespace brink::sandbox {
namespace {

constexpr Identity kNobody{65534, 65534};

TEST(Privileges, AreGoneForGood) {
  const bool as_root = ::geteuid() == 0;
  const uid_t expected = as_root ? kNobody.uid : ::geteuid();
  const ExitStatus status = in_child([&] {
    if (!drop_privileges(kNobody)) return 1;
    if (::getuid() != expected || ::geteuid() != expected) return 2;
    if (::setresuid(0, 0, 0) == 0) return 3;
    if (as_root && ::getgroups(0, nullptr) != 0) return 4;
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 5;
    if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 6;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    if (::syscall(SYS_capget, &header, sets) != 0) return 7;
    for (const auto& set : sets) {
      if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0) return 8;
    }
    if (as_root && ::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) != 0) return 9;
    return ::open("/etc/shadow", O_RDONLY) >= 0 ? 10 : 0;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

TEST(Privileges, OfUserZeroAreItsFilesOnly) {
  if (::geteuid() != 0) return;  // another user never becomes user 0
  EXPECT_EQ(in_child([] {
              if (!drop_privileges({0, 0})) return 1;
              if (::geteuid() != 0) return 2;
              // What needs a capability is gone.
              return ::chroot("/") == 0 ? 3 : 0;
            }),
            ExitStatus::exited(0));
}

TEST(Identity, IsFoundByName) {
  const auto nobody = find_identity("nobody");
  ASSERT_TRUE(nobody) << nobody.error().text();
  EXPECT_NE(nobody->uid, 0u);
}

TEST(Identity, MustExistAndMustNotBeRoot) {
  EXPECT_EQ(find_identity("root").error().code, ErrorCode::config_invalid);
  EXPECT_FALSE(find_identity("brink-no-such-user").error().remedy.empty());
}

TEST(OpenFiles, MayReachTheHardLimit) {
  const ExitStatus status = in_child([] {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 64;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
    const auto raised = raise_open_files_limit();
    if (!raised || *raised != limit.rlim_max) return 2;
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur == limit.rlim_max ? 0 : 3;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

TEST(ResourceLimits, EndAProcessThatWorksTooLong) {
  const ExitStatus status = in_child([] {
    // Blocked, as a hostile process would: the hard limit must still end it.
    ::signal(SIGXCPU, SIG_IGN);
    ResourceLimits limits;
    limits.cpu_time = std::chrono::seconds(1);
    if (!apply_resource_limits(limits)) return 1;
    for (volatile unsigned i = 0;; i = i + 1) {
    }
    return 2;
  });
  EXPECT_EQ(status, ExitStatus::killed(SIGKILL));
}

TEST(ResourceLimits, BoundFilesMemoryAndCores) {
  const ExitStatus status = in_child([] {
    const ResourceLimits limits{.address_space = ByteSize(std::uint64_t{1} << 46),
                                .cpu_time = std::nullopt,
                                .file_size = 64_KiB};
    if (!apply_resource_limits(limits)) return 1;
    rlimit limit{};
    ::getrlimit(RLIMIT_CORE, &limit);
    if (limit.rlim_max != 0) return 2;
    ::getrlimit(RLIMIT_FSIZE, &limit);
    if (limit.rlim_cur != 64 * 1024 || limit.rlim_max != 64 * 1024) return 3;
    ::getrlimit(RLIMIT_AS, &limit);
    return limit.rlim_max == std::uint64_t{1} << 46 ? 0 : 4;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

}  // namespace
}  // namespace brink::sandbox
