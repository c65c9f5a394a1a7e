#include "sandbox/landlock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/unique_fd.h"
#include "sandbox/in_child_test_util.h"

namespace brink::sandbox {
namespace {

using testing::HasSubstr;

class Landlock : public testing::Test {
 protected:
  Landlock() {
    char name[] = "/tmp/brink-landlock-XXXXXX";
    root_ = ::mkdtemp(name);
    for (const char* folder : {"read", "write", "outside"}) {
      std::filesystem::create_directory(root_ / folder);
      ::close(::open((root_ / folder / "file").c_str(), O_CREAT | O_WRONLY, 0644));
    }
    read_.reset(::open((root_ / "read").c_str(), O_PATH | O_CLOEXEC));
    write_.reset(::open((root_ / "write").c_str(), O_PATH | O_CLOEXEC));
  }
  ~Landlock() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] LandlockOptions options() const {
    return {{{read_.get(), FileAccess::read}, {write_.get(), FileAccess::write}},
            TcpAccess::refused};
  }
  /// The errno of opening a path below the test's folder, or 0.
  [[nodiscard]] int opened(const char* path, int flags) const {
    return ::open((root_ / path).c_str(), flags | O_CLOEXEC, 0644) < 0 ? errno : 0;
  }

  std::filesystem::path root_;
  UniqueFd read_, write_;
  const int abi_ = landlock_abi();
};

TEST_F(Landlock, KeepsFilesWithinTheRules) {
  const ExitStatus status = in_child([&] {
    if (!apply_landlock(options())) return 1;
    if (opened("read/file", O_RDONLY) != 0) return 2;
    if (opened("write/new", O_CREAT | O_RDWR) != 0) return 3;
    const int refused = abi_ >= 1 ? EACCES : 0;
    if (opened("outside/file", O_RDONLY) != refused) return 4;
    if (opened("read/file", O_WRONLY) != refused) return 5;
    if (opened("read/new", O_CREAT | O_WRONLY) != refused) return 6;
    if (opened("../../etc/passwd", O_RDONLY) != refused) return 7;
    if (abi_ >= 3 && opened("read/file", O_RDONLY | O_TRUNC) != EACCES) return 8;
    return 0;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

TEST_F(Landlock, TakesARuleForASingleFile) {
  const UniqueFd file(::open((root_ / "outside/file").c_str(), O_PATH | O_CLOEXEC));
  const ExitStatus status = in_child([&] {
    if (!apply_landlock({{{file.get(), FileAccess::write}}, TcpAccess::refused})) return 1;
    if (opened("outside/file", O_RDWR) != 0) return 2;
    return opened("outside/other", O_CREAT | O_RDWR) == (abi_ >= 1 ? EACCES : 0) ? 0 : 3;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

int connect_to(std::uint16_t port) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ? errno
                                                                                            : 0;
}

TEST_F(Landlock, KeepsTheProcessOffTheNetwork) {
  // Nobody listens on port 1: without the rule the answer is ECONNREFUSED.
  const int refused = abi_ >= 4 ? EACCES : ECONNREFUSED;
  EXPECT_EQ(in_child([&] { return apply_landlock(options()) ? connect_to(1) : 1; }),
            ExitStatus::exited(refused));
  LandlockOptions outbound = options();
  outbound.tcp = TcpAccess::connect_only;
  EXPECT_EQ(in_child([&] { return apply_landlock(outbound) ? connect_to(1) : 1; }),
            ExitStatus::exited(ECONNREFUSED));
}

TEST_F(Landlock, KeepsSignalsWithinTheProcess) {
  const ExitStatus status = in_child([&] {
    if (!apply_landlock(options())) return 1;
    const int error = ::kill(::getppid(), 0) < 0 ? errno : 0;
    return error == (abi_ >= 6 ? EPERM : 0) ? 0 : 2;
  });
  EXPECT_EQ(status, ExitStatus::exited(0));
}

TEST_F(Landlock, SaysWhatIsInForceAndWhatIsMissing) {
  // As every kernel up to the real one would: each must work, and own up.
  for (int abi = 0; abi <= std::min(abi_, 6); ++abi) {
    const ExitStatus status = in_child([&] {
      const auto report = apply_landlock(options(), abi);
      if (!report || report->abi != abi) return 1;
      if (report->files != (abi >= 1) || report->tcp != (abi >= 4)) return 2;
      if (report->ioctl != (abi >= 5) || report->scoped != (abi >= 6)) return 3;
      return report->missing.empty() == (abi >= 6) ? 0 : 4;
    });
    EXPECT_EQ(status, ExitStatus::exited(0)) << "abi " << abi;
  }
}

TEST_F(Landlock, OwnsUpToAKernelWithoutIt) {
  const auto report = apply_landlock(options(), 0);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->text(), HasSubstr("nothing restricted"));
  EXPECT_THAT(report->text(), HasSubstr("all file rules"));
  EXPECT_EQ(opened("outside/file", O_RDONLY), 0);
}

TEST_F(Landlock, RefusesARuleWithoutADescriptor) {
  if (abi_ == 0) return;  // SaysWhatIsInForceAndWhatIsMissing covers such a kernel
  EXPECT_EQ(in_child([&] {
              return apply_landlock({{{-1, FileAccess::read}}, TcpAccess::refused}) ? 1 : 0;
            }),
            ExitStatus::exited(0));
}

}  // namespace
}  // namespace brink::sandbox
