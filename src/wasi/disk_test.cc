#include "wasi/disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

/// Does a job when the test says so.
class FakeDisk final : public Disk {
 public:
  Outcome<Ticket> begin(const Job& job) noexcept override {
    if (refusal != Errno::success) return std::unexpected(refusal);
    jobs.push_back(job);
    return jobs.size();
  }
  Outcome<void> result(Ticket) noexcept override {
    if (!answers) return std::unexpected(Errno::again);
    if (*answers != Errno::success) return std::unexpected(*answers);
    const Job& job = jobs.back();
    std::vector<char> sink(job.length);
    if (job.work == Work::load) {
      EXPECT_GE(::pread(job.fd, sink.data(), sink.size(), static_cast<off_t>(job.offset)), 0);
    }
    if (memory == Memory::short_) ::posix_fadvise(job.fd, 0, 0, POSIX_FADV_DONTNEED);
    return {};
  }
  void forget(Ticket) noexcept override { ++forgotten; }

  std::vector<Job> jobs;
  std::optional<Errno> answers = std::nullopt;  ///< none: they are under way
  Errno refusal = Errno::success;
  enum class Memory { enough, short_ } memory = Memory::enough;  ///< short: it is gone again
  int forgotten = 0;
};

class DiskTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kSize = 300'000;

  DiskTest() {
    for (int i = 0; content_.size() < kSize; ++i) content_ += std::to_string(i) + ",";
    content_.resize(kSize);
    guest_->directory.write("file", content_);
  }

  /// Out of the page cache with it; false where the file system keeps it.
  bool evict() {
    const std::string path = guest_->directory.path() + "/file";
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(::fsync(file.get()), 0);
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    char byte = 0;
    const iovec piece{&byte, 1};
    return ::preadv2(file.get(), &piece, 1, 0, RWF_NOWAIT) < 0 && errno == EAGAIN;
  }

  Errno read(std::uint32_t size) {
    fd_ = guest_->open("file", 0, right::fd_read | right::fd_seek, Rights(), flags_);
    buffer_ = guest_->room(size);
    size_out_ = guest_->room(4);
    return guest_->call("fd_read", fd_, guest_->iovec(buffer_, size), 1, size_out_);
  }
  std::string got() { return guest_->text(buffer_, guest_->at<std::uint32_t>(size_out_)); }

  FakeDisk disk_;
  std::optional<Guest> guest_{std::in_place, GuestOptions{.memory = 1 << 20, .disk = &disk_}};
  std::string content_;
  std::uint32_t flags_ = 0;
  std::uint32_t fd_ = 0, buffer_ = 0, size_out_ = 0;
};

TEST_F(DiskTest, IsNotAskedForWhatIsInMemory) {
  EXPECT_EQ(read(400'000), Errno::success);
  EXPECT_EQ(got(), content_) << "short at the end of the file only";
  EXPECT_EQ(guest_->call("fd_pread", fd_, guest_->iovec(buffer_, 100), 1, std::uint64_t{kSize - 7},
                         size_out_),
            Errno::success);
  EXPECT_EQ(got(), content_.substr(kSize - 7));
  EXPECT_TRUE(disk_.jobs.empty());
}

TEST_F(DiskTest, LoadsWhatIsNotInMemoryWhileTheGuestWaits) {
  for (const std::uint32_t flags : {0u, std::uint32_t{fdflag::nonblock}}) {
    flags_ = flags;
    disk_ = {};
    if (!evict()) GTEST_SKIP() << "this file system keeps it in memory";
    EXPECT_EQ(read(kSize), kWaits);
    EXPECT_TRUE(guest_->wait().awaits_disk());
    ASSERT_EQ(disk_.jobs.size(), 1u);
    EXPECT_EQ(disk_.jobs[0].work, Disk::Work::load);
    EXPECT_EQ(guest_->resume(), kWaits) << "not yet";
    disk_.answers = Errno::success;
    EXPECT_EQ(guest_->resume(), Errno::success);
    EXPECT_EQ(got(), content_);
  }
}

TEST_F(DiskTest, ReadsOnWhereMemoryEnds) {
  if (!evict()) GTEST_SKIP() << "this file system keeps it in memory";
  const std::string path = guest_->directory.path() + "/file";
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_RANDOM);
  char byte = 0;
  ASSERT_EQ(::pread(file.get(), &byte, 1, 0), 1);
  EXPECT_EQ(read(kSize), kWaits);
  ASSERT_EQ(disk_.jobs.size(), 1u);
  EXPECT_GT(disk_.jobs[0].offset, 0u) << "the first page was there";
  disk_.answers = Errno::success;
  EXPECT_EQ(guest_->resume(), Errno::success);
  EXPECT_EQ(got(), content_);
}

TEST_F(DiskTest, IsNotAskedAgainAndAgainWhenMemoryIsTooShortToHelp) {
  if (!evict()) GTEST_SKIP() << "this file system keeps it in memory";
  disk_.answers = Errno::success;
  disk_.memory = FakeDisk::Memory::short_;
  Errno outcome = read(kSize);
  for (int i = 0; i < 20 && outcome == kWaits; ++i) outcome = guest_->resume();
  EXPECT_EQ(outcome, Errno::success);
  EXPECT_EQ(got(), content_);
  EXPECT_LE(disk_.jobs.size(), 3u);
}

TEST_F(DiskTest, WaitsForRoomAndBlocksWhereNobodyDoesJobs) {
  if (!evict()) GTEST_SKIP() << "this file system keeps it in memory";
  disk_.refusal = Errno::again;
  EXPECT_EQ(read(kSize), kWaits);
  EXPECT_TRUE(guest_->wait().awaits_disk());
  disk_.refusal = Errno::notsup;
  EXPECT_EQ(guest_->resume(), Errno::success);
  EXPECT_EQ(got(), content_);
  EXPECT_EQ(guest_->call("fd_sync", 3), Errno::success);
}

TEST_F(DiskTest, SyncsFilesAndDirectories) {
  const auto fd = guest_->open("file");
  const std::pair<const char*, std::uint32_t> calls[] = {
      {"fd_sync", fd}, {"fd_datasync", fd}, {"fd_sync", 3}};
  for (const auto& [call, number] : calls) {
    disk_.answers.reset();
    EXPECT_EQ(guest_->call(call, number), kWaits);
    EXPECT_TRUE(guest_->wait().awaits_disk());
    disk_.answers = Errno::success;
    EXPECT_EQ(guest_->resume(), Errno::success);
  }
  EXPECT_EQ(disk_.jobs[0].work, Disk::Work::sync_all);
  EXPECT_EQ(disk_.jobs[1].work, Disk::Work::sync_data);
  disk_.answers = Errno::nospc;
  EXPECT_EQ(guest_->call("fd_sync", fd), kWaits);
  EXPECT_EQ(guest_->resume(), Errno::nospc);
}

TEST_F(DiskTest, IsToldWhenAGuestEndsInTheMiddle) {
  EXPECT_EQ(guest_->call("fd_sync", guest_->open("file")), kWaits);
  guest_.reset();
  EXPECT_EQ(disk_.forgotten, 1);
}

}  // namespace
}  // namespace brink::wasi::testing
