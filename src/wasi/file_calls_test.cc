#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

class FileCallsTest : public ::testing::Test {
 protected:
  FileCallsTest() {
    guest_.directory.write("file", "0123456789");
    fd_ = guest_.open("file", 0, kFileRights);
  }
  GuestFilestat stat(std::uint32_t fd) {
    const auto out = guest_.room(sizeof(GuestFilestat));
    EXPECT_EQ(guest_.call("fd_filestat_get", fd, out), Errno::success);
    return guest_.at<GuestFilestat>(out);
  }
  Errno set_times(std::uint32_t fd, std::uint64_t accessed, std::uint64_t modified,
                  std::uint32_t which) {
    return guest_.call("fd_filestat_set_times", fd, accessed, modified, which);
  }

  Guest guest_;
  std::uint32_t fd_ = 0;
};

constexpr std::uint64_t kZero = 0;

TEST_F(FileCallsTest, StatDescribesFilesDirectoriesAndStreams) {
  const GuestFilestat file = stat(fd_);
  EXPECT_EQ(file.type, FileType::regular_file);
  EXPECT_EQ(file.size, 10u);
  EXPECT_EQ(file.links, 1u);
  EXPECT_NE(file.inode, 0u);
  EXPECT_GT(file.modified, 1'600'000'000'000'000'000u);
  EXPECT_EQ(stat(3).type, FileType::directory);
  EXPECT_EQ(stat(0).type, FileType::character_device);
  EXPECT_EQ(stat(1).type, FileType::character_device);
}

TEST_F(FileCallsTest, StatChecksDescriptorRightAndAddress) {
  EXPECT_EQ(guest_.call("fd_filestat_get", 99, 64), Errno::badf);
  EXPECT_EQ(guest_.call("fd_filestat_get", fd_, ~0u), Errno::fault);
  guest_.drop_rights(fd_, right::fd_filestat_get);
  EXPECT_EQ(guest_.call("fd_filestat_get", fd_, 64), Errno::badf);
}

TEST_F(FileCallsTest, SetSizeCutsAndGrows) {
  EXPECT_EQ(guest_.call("fd_filestat_set_size", fd_, std::uint64_t{4}), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), "0123");
  EXPECT_EQ(guest_.call("fd_filestat_set_size", fd_, std::uint64_t{6}), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), std::string("0123\0\0", 6));
}

TEST_F(FileCallsTest, SetSizeChecksItsArguments) {
  EXPECT_EQ(guest_.call("fd_filestat_set_size", 99, kZero), Errno::badf);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", 3, kZero), Errno::badf);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", 1, kZero), Errno::badf);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", fd_, ~0ULL), Errno::inval);
}

TEST_F(FileCallsTest, SetTimesChangesWhatIsAskedFor) {
  const GuestFilestat before = stat(fd_);
  EXPECT_EQ(set_times(fd_, 100, 200, fstflag::mtim), Errno::success);
  EXPECT_EQ(stat(fd_).modified, 200u);
  EXPECT_EQ(stat(fd_).accessed, before.accessed);
  EXPECT_EQ(set_times(fd_, 100, 999, fstflag::atim), Errno::success);
  EXPECT_EQ(stat(fd_).accessed, 100u);
  EXPECT_EQ(stat(fd_).modified, 200u);
  EXPECT_EQ(set_times(fd_, 0, 0, fstflag::mtim_now), Errno::success);
  EXPECT_GE(stat(fd_).modified, before.modified);
  EXPECT_EQ(stat(fd_).accessed, 100u);
}

TEST_F(FileCallsTest, SetTimesRefusesContradictions) {
  EXPECT_EQ(set_times(fd_, 1, 1, fstflag::atim | fstflag::atim_now), Errno::inval);
  EXPECT_EQ(set_times(fd_, 1, 1, fstflag::mtim | fstflag::mtim_now), Errno::inval);
  EXPECT_EQ(set_times(fd_, 1, 1, 16), Errno::inval);
  EXPECT_EQ(set_times(99, 1, 1, fstflag::mtim), Errno::badf);
  EXPECT_EQ(set_times(1, 1, 1, fstflag::mtim), Errno::badf);
  EXPECT_EQ(set_times(3, 1, 1, fstflag::mtim), Errno::success) << "directories have times too";
}

TEST_F(FileCallsTest, AllocateMakesAFileLongEnough) {
  EXPECT_EQ(guest_.call("fd_allocate", fd_, std::uint64_t{5}, std::uint64_t{20}), Errno::success);
  EXPECT_EQ(stat(fd_).size, 25u);
  EXPECT_EQ(guest_.call("fd_allocate", fd_, kZero, std::uint64_t{5}), Errno::success);
  EXPECT_EQ(stat(fd_).size, 25u) << "never shorter";
  EXPECT_EQ(guest_.directory.read("file").substr(0, 10), "0123456789");
}

TEST_F(FileCallsTest, AllocateChecksItsArguments) {
  constexpr std::uint64_t kOne = 1;
  EXPECT_EQ(guest_.call("fd_allocate", 99, kZero, kOne), Errno::badf);
  EXPECT_EQ(guest_.call("fd_allocate", 3, kZero, kOne), Errno::badf);
  EXPECT_EQ(guest_.call("fd_allocate", fd_, kZero, kZero), Errno::inval);
  EXPECT_EQ(guest_.call("fd_allocate", fd_, ~0ULL, kOne), Errno::inval);
  EXPECT_EQ(guest_.call("fd_allocate", fd_, kOne, std::uint64_t{INT64_MAX}), Errno::fbig);
}

TEST_F(FileCallsTest, AdviceIsTakenAndChecked) {
  for (std::uint32_t advice = 0; advice < 6; ++advice) {
    EXPECT_EQ(guest_.call("fd_advise", fd_, kZero, kZero, advice), Errno::success) << advice;
  }
  EXPECT_EQ(stat(fd_).size, 10u);
  EXPECT_EQ(guest_.call("fd_advise", fd_, kZero, kZero, 6), Errno::inval);
  EXPECT_EQ(guest_.call("fd_advise", fd_, ~0ULL, kZero, 0), Errno::inval);
  EXPECT_EQ(guest_.call("fd_advise", fd_, std::uint64_t{1}, ~0ULL, 0), Errno::inval);
  EXPECT_EQ(guest_.call("fd_advise", 99, kZero, kZero, 0), Errno::badf);
  EXPECT_EQ(guest_.call("fd_advise", 0, kZero, kZero, 0), Errno::badf);
}

TEST_F(FileCallsTest, SyncIsForFilesAndDirectories) {
  for (const char* call : {"fd_sync", "fd_datasync"}) {
    EXPECT_EQ(guest_.call(call, fd_), Errno::success) << call;
    EXPECT_EQ(guest_.call(call, 3), Errno::success) << call;
    EXPECT_EQ(guest_.call(call, 1), Errno::inval) << call;
    EXPECT_EQ(guest_.call(call, 99), Errno::badf) << call;
  }
  guest_.drop_rights(fd_, right::fd_sync);
  EXPECT_EQ(guest_.call("fd_sync", fd_), Errno::badf);
  guest_.drop_rights(fd_, right::fd_datasync);
  EXPECT_EQ(guest_.call("fd_datasync", fd_), Errno::badf);
}

}  // namespace
}  // namespace brink::wasi::testing
