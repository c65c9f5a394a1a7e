#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(FdWrite, GathersItsBuffers) {
  Guest guest;
  const auto hello = guest.put("hello "), world = guest.put("world");
  const std::array vectors = {GuestIovec{hello, 6}, GuestIovec{0, 0}, GuestIovec{world, 5}};
  const auto size = guest.room(4);
  EXPECT_EQ(guest.call("fd_write", 1, guest.put_value(vectors), 3, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 11u);
  EXPECT_EQ(guest.out.text(), "hello world");
  EXPECT_EQ(guest.write(2, "oops"), Errno::success);
  EXPECT_EQ(guest.err.text(), "oops");
}

TEST(FdWrite, NothingIsFine) {
  Guest guest;
  const auto size = guest.room(4);
  EXPECT_EQ(guest.call("fd_write", 1, 0, 0, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 0u);
}

TEST(FdWrite, WaitsForRoomUntilAllIsWritten) {
  Guest guest;
  guest.out.set_room(4);
  EXPECT_EQ(guest.write(1, "0123456789"), kWaits);
  EXPECT_TRUE(guest.wait().awaits_output());
  EXPECT_EQ(guest.out.text(), "0123");
  EXPECT_EQ(guest.resume(), kWaits) << "still no room";
  guest.out.set_room(100);
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.out.text(), "0123456789");
}

TEST(FdWrite, NonBlockingTakesWhatFitsThenSaysAgain) {
  Guest guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", 1, fdflag::nonblock), Errno::success);
  guest.out.set_room(4);
  const auto size = guest.room(4);
  const auto vector = guest.iovec(guest.put("0123456789"), 10);
  EXPECT_EQ(guest.call("fd_write", 1, vector, 1, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 4u);
  EXPECT_EQ(guest.call("fd_write", 1, vector, 1, size), Errno::again);
}

TEST(FdWrite, AClosedStreamIsABrokenPipe) {
  Guest guest;
  guest.out.close();
  EXPECT_EQ(guest.write(1, "x"), Errno::pipe);
}

TEST(FdWrite, CountsWhatWasWrittenBeforeTheStreamBroke) {
  Guest guest;
  guest.out.set_room(4);
  const auto size = guest.room(4);
  const auto vector = guest.iovec(guest.put("0123456789"), 10);
  EXPECT_EQ(guest.call("fd_write", 1, vector, 1, size), kWaits);
  guest.out.close();
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 4u);
}

TEST(FdWrite, ABigWriteTakesSeveralTurns) {
  Guest guest({.limits = {.per_attempt = 1000_B}});
  EXPECT_EQ(guest.write(1, std::string(2500, 'x')), Errno::success);
  EXPECT_EQ(guest.attempts(), 3u);
  EXPECT_EQ(guest.out.text().size(), 2500u);
}

TEST(FdWrite, ChecksItsArguments) {
  Guest guest;
  const auto vector = guest.iovec(guest.put("x"), 1);
  const auto size = guest.room(4);
  EXPECT_EQ(guest.call("fd_write", 99, vector, 1, size), Errno::badf);
  EXPECT_EQ(guest.call("fd_write", 0, vector, 1, size), Errno::badf);
  EXPECT_EQ(guest.call("fd_write", 3, vector, 1, size), Errno::badf);
  EXPECT_EQ(guest.call("fd_write", 1, ~0u, 1, size), Errno::fault);
  EXPECT_EQ(guest.call("fd_write", 1, guest.iovec(~0u, 2), 1, size), Errno::fault);
  EXPECT_EQ(guest.call("fd_write", 1, vector, 1, ~0u), Errno::fault);
  EXPECT_EQ(guest.call("fd_write", 1, vector, 1025, size), Errno::inval);
  EXPECT_EQ(guest.out.text(), "") << "nothing of a faulty call is written";
}

TEST(FdRead, TakesWhatIsThere) {
  Guest guest;
  guest.in.push("abc");
  EXPECT_EQ(guest.read(0, 2), "ab");
  EXPECT_EQ(guest.read(0, 10), "c");
  guest.in.close();
  EXPECT_EQ(guest.read(0, 10), "");
  EXPECT_EQ(guest.read(0, 10), "") << "the end stays";
}

TEST(FdRead, WaitsForBytes) {
  Guest guest;
  const auto buffer = guest.room(8), size = guest.room(4);
  EXPECT_EQ(guest.call("fd_read", 0, guest.iovec(buffer, 8), 1, size), kWaits);
  EXPECT_TRUE(guest.wait().awaits_input());
  guest.in.push("late");
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.text(buffer, guest.at<std::uint32_t>(size)), "late");
}

TEST(FdRead, NonBlockingSaysAgain) {
  Guest guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", 0, fdflag::nonblock), Errno::success);
  EXPECT_EQ(guest.call("fd_read", 0, guest.iovec(guest.room(8), 8), 1, guest.room(4)),
            Errno::again);
}

TEST(FdRead, AFileIsReadWholeOverSeveralTurns) {
  Guest guest({.limits = {.per_attempt = 1000_B}});
  guest.directory.write("file", std::string(2500, 'x'));
  const auto fd = guest.open("file", 0, kFileRights.without(right::fd_write));
  EXPECT_EQ(guest.read(fd, 4000), std::string(2500, 'x'));
  EXPECT_EQ(guest.attempts(), 3u);
  EXPECT_EQ(guest.read(fd, 4000), "");
}

TEST(FdRead, ManySmallBuffersAreAllFilled) {
  Guest guest;
  std::string content;
  std::array<GuestIovec, 200> vectors{};
  const auto buffer = guest.room(200), size = guest.room(4);
  for (std::uint32_t i = 0; i < 200; ++i) {
    content.push_back(static_cast<char>('a' + i % 26));
    vectors[i] = {buffer + i, 1};
  }
  guest.directory.write("file", content);
  const auto fd = guest.open("file", 0, kFileRights);
  const auto array = guest.put_value(vectors);
  EXPECT_EQ(guest.call("fd_read", fd, array, 200, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 200u);
  EXPECT_EQ(guest.text(buffer, 200), content);
  EXPECT_EQ(guest.call("fd_write", fd, array, 200, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 200u);
  EXPECT_EQ(guest.directory.read("file"), content + content);
}

TEST(FdRead, ChecksItsArguments) {
  Guest guest;
  const auto vector = guest.iovec(guest.room(1), 1);
  EXPECT_EQ(guest.call("fd_read", 99, vector, 1, 64), Errno::badf);
  EXPECT_EQ(guest.call("fd_read", 1, vector, 1, 64), Errno::badf);
  EXPECT_EQ(guest.call("fd_read", 3, vector, 1, 64), Errno::badf);
  EXPECT_EQ(guest.call("fd_read", 0, ~0u, 1, 64), Errno::fault);
  EXPECT_EQ(guest.call("fd_read", 0, vector, 1, ~0u), Errno::fault);
  EXPECT_EQ(guest.call("fd_read", 0, vector, ~0u, 64), Errno::inval);
}

class PositionedTest : public ::testing::Test {
 protected:
  PositionedTest() {
    guest_.directory.write("file", "0123456789");
    fd_ = guest_.open("file", 0, kFileRights);
  }
  Errno pread(std::uint32_t fd, std::uint64_t offset, std::uint32_t size) {
    return guest_.call("fd_pread", fd, guest_.iovec(buffer_, size), 1, offset, size_);
  }
  Errno pwrite(std::uint32_t fd, std::uint64_t offset, std::string_view bytes) {
    const auto vector = guest_.iovec(guest_.put(bytes), static_cast<std::uint32_t>(bytes.size()));
    return guest_.call("fd_pwrite", fd, vector, 1, offset, size_);
  }
  std::string got() { return guest_.text(buffer_, guest_.at<std::uint32_t>(size_)); }

  Guest guest_;
  std::uint32_t buffer_ = guest_.room(64);
  std::uint32_t size_ = guest_.room(4);
  std::uint32_t fd_ = 0;
};

TEST_F(PositionedTest, ReadsAndWritesWithoutMovingTheOffset) {
  EXPECT_EQ(pread(fd_, 4, 3), Errno::success);
  EXPECT_EQ(got(), "456");
  EXPECT_EQ(pwrite(fd_, 8, "xyz"), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), "01234567xyz");
  EXPECT_EQ(guest_.read(fd_, 3), "012");
  EXPECT_EQ(pread(fd_, 100, 3), Errno::success);
  EXPECT_EQ(got(), "");
}

TEST_F(PositionedTest, StreamsCannot) {
  EXPECT_EQ(pread(0, 0, 1), Errno::spipe);
  EXPECT_EQ(pwrite(1, 0, "x"), Errno::spipe);
}

TEST_F(PositionedTest, NeedsRightsAndAnOffsetThatExists) {
  EXPECT_EQ(pread(99, 0, 1), Errno::badf);
  EXPECT_EQ(pwrite(99, 0, "x"), Errno::badf);
  EXPECT_EQ(pread(3, 0, 1), Errno::badf);
  EXPECT_EQ(pwrite(3, 0, "x"), Errno::badf);
  EXPECT_EQ(pread(fd_, ~0ULL, 1), Errno::inval);
  EXPECT_EQ(pwrite(fd_, 1ULL << 63, "x"), Errno::inval);
  guest_.drop_rights(fd_, right::fd_seek);
  EXPECT_EQ(pread(fd_, 0, 1), Errno::badf);
  EXPECT_EQ(pwrite(fd_, 0, "x"), Errno::badf);
}

class SeekTest : public PositionedTest {
 protected:
  Errno seek(std::uint32_t fd, std::int64_t delta, std::uint32_t whence) {
    return guest_.call("fd_seek", fd, delta, whence, buffer_);
  }
  std::uint64_t offset() { return guest_.at<std::uint64_t>(buffer_); }
};

TEST_F(SeekTest, GoesFromTheStartTheOffsetAndTheEnd) {
  EXPECT_EQ(seek(fd_, 4, 0), Errno::success);
  EXPECT_EQ(offset(), 4u);
  EXPECT_EQ(seek(fd_, -1, 1), Errno::success);
  EXPECT_EQ(offset(), 3u);
  EXPECT_EQ(seek(fd_, -2, 2), Errno::success);
  EXPECT_EQ(offset(), 8u);
  EXPECT_EQ(seek(fd_, 1000, 1), Errno::success) << "beyond the end is fine";
  EXPECT_EQ(guest_.call("fd_tell", fd_, buffer_), Errno::success);
  EXPECT_EQ(offset(), 1008u);
}

TEST_F(SeekTest, NeverGoesBeforeTheStart) {
  EXPECT_EQ(seek(fd_, -1, 0), Errno::inval);
  EXPECT_EQ(seek(fd_, -11, 2), Errno::inval);
  EXPECT_EQ(guest_.call("fd_tell", fd_, buffer_), Errno::success);
  EXPECT_EQ(offset(), 0u);
}

TEST_F(SeekTest, ChecksItsArguments) {
  EXPECT_EQ(seek(99, 0, 0), Errno::badf);
  EXPECT_EQ(guest_.call("fd_tell", 99, buffer_), Errno::badf);
  EXPECT_EQ(seek(fd_, 0, 3), Errno::inval);
  EXPECT_EQ(seek(0, 0, 1), Errno::spipe);
  EXPECT_EQ(guest_.call("fd_tell", 1, buffer_), Errno::spipe);
  EXPECT_EQ(seek(3, 0, 0), Errno::badf);
  EXPECT_EQ(guest_.call("fd_tell", 3, buffer_), Errno::badf);
  EXPECT_EQ(guest_.call("fd_seek", fd_, std::uint64_t{5}, 0, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("fd_tell", fd_, ~0u), Errno::fault);
  EXPECT_EQ(guest_.read(fd_, 1), "0") << "the faulty seek moved nothing";
}

TEST_F(SeekTest, TellingNeedsAnotherRightThanMoving) {
  guest_.drop_rights(fd_, right::fd_seek);
  EXPECT_EQ(seek(fd_, 0, 1), Errno::success);
  EXPECT_EQ(seek(fd_, 1, 1), Errno::badf);
  guest_.drop_rights(fd_, right::fd_tell);
  EXPECT_EQ(seek(fd_, 0, 1), Errno::badf);
  EXPECT_EQ(guest_.call("fd_tell", fd_, buffer_), Errno::badf);
}

}  // namespace
}  // namespace brink::wasi::testing
