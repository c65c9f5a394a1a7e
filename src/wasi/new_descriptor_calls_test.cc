#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

constexpr std::uint32_t kNone = ~0u;

std::uint32_t duplicate(Guest& guest, std::uint32_t fd) {
  const auto result = guest.room(4);
  return guest.call("fd_dup", fd, result) == Errno::success ? guest.at<std::uint32_t>(result)
                                                            : kNone;
}

bool closes_on_exec(Guest& guest, std::uint32_t fd) {
  const auto result = guest.room(2);
  EXPECT_EQ(guest.call("fd_fdflags_get", fd, result), Errno::success);
  return guest.at<std::uint16_t>(result) == fdflag_ext::cloexec;
}

struct PipeNumbers {
  std::uint32_t read;
  std::uint32_t write;
};

PipeNumbers make_pipe(Guest& guest) {
  const auto read = guest.room(4);
  const auto write = guest.room(4);
  EXPECT_EQ(guest.call("fd_pipe", read, write), Errno::success);
  return {guest.at<std::uint32_t>(read), guest.at<std::uint32_t>(write)};
}

TEST(FdDup, SharesOffsetAndFlagsAndTakesTheLowestNumber) {
  Guest guest({.profile = kWasix});
  const auto fd = guest.open("file", oflag::creat, kFileRights);
  const auto copy = duplicate(guest, fd);
  EXPECT_EQ(copy, fd + 1);
  EXPECT_EQ(guest.write(fd, "one"), Errno::success);
  EXPECT_EQ(guest.write(copy, "two"), Errno::success);
  EXPECT_EQ(guest.directory.read("file"), "onetwo");
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", copy, fdflag::append), Errno::success);
  EXPECT_EQ(guest.fdstat(fd).flags, fdflag::append);
  EXPECT_EQ(guest.call("fd_close", 1), Errno::success);
  EXPECT_EQ(duplicate(guest, fd), 1u);
}

TEST(FdDup, KeepsTheFileOpenWhenTheFirstNumberCloses) {
  Guest guest({.profile = kWasix});
  const auto fd = guest.open("file", oflag::creat, kFileRights);
  const auto copy = duplicate(guest, fd);
  EXPECT_EQ(guest.call("fd_close", fd), Errno::success);
  EXPECT_EQ(guest.write(copy, "x"), Errno::success);
  EXPECT_EQ(guest.directory.read("file"), "x");
}

TEST(FdDup, OfAPreopenIsAnOrdinaryDirectory) {
  Guest guest({.profile = kWasix});
  const auto copy = duplicate(guest, 3);
  EXPECT_EQ(guest.fdstat(copy).type, FileType::directory);
  EXPECT_EQ(guest.call("fd_prestat_get", copy, 64), Errno::badf);
  EXPECT_EQ(guest.call("fd_close", copy), Errno::success);
  EXPECT_EQ(guest.call("fd_fdstat_get", copy, 64), Errno::badf);
}

TEST(FdDup, ChecksDescriptorRoomAndLimit) {
  Guest guest({.profile = kWasix, .limits = {.descriptors = 5}});
  EXPECT_EQ(guest.call("fd_dup", 99, guest.room(4)), Errno::badf);
  EXPECT_EQ(guest.call("fd_dup", -1, guest.room(4)), Errno::badf);
  EXPECT_EQ(guest.call("fd_dup", 0, ~0u), Errno::fault);
  EXPECT_EQ(duplicate(guest, 0), 4u) << "the failures took no number";
  EXPECT_EQ(guest.call("fd_dup", 0, guest.room(4)), Errno::mfile);
}

TEST(FdDup2, TakesTheLowestFreeNumberFromOneOn) {
  Guest guest({.profile = kWasix});
  const auto result = guest.room(4);
  EXPECT_EQ(guest.call("fd_dup2", 1, 10, 0, result), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(result), 10u);
  EXPECT_EQ(guest.call("fd_dup2", 1, 10, 1, result), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(result), 11u);
  EXPECT_FALSE(closes_on_exec(guest, 10));
  EXPECT_TRUE(closes_on_exec(guest, 11));
  EXPECT_EQ(guest.call("fd_dup2", 1, 0, 0, result), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(result), 4u);
}

TEST(FdDup2, RefusesNumbersBeyondTheLimit) {
  Guest guest({.profile = kWasix, .limits = {.descriptors = 8}});
  const auto result = guest.room(4);
  EXPECT_EQ(guest.call("fd_dup2", 1, 8, 0, result), Errno::inval);
  EXPECT_EQ(guest.call("fd_dup2", 1, -1, 0, result), Errno::inval);
  EXPECT_EQ(guest.call("fd_dup2", 1, 7, 0, result), Errno::success);
  EXPECT_EQ(guest.call("fd_dup2", 1, 7, 0, result), Errno::mfile);
  EXPECT_EQ(guest.call("fd_dup2", 99, 0, 0, result), Errno::badf);
  EXPECT_EQ(guest.call("fd_dup2", 1, 0, 0, ~0u), Errno::fault);
}

TEST(FdFdflags, BelongToTheNumberAndNotToWhatIsOpen) {
  Guest guest({.profile = kWasix});
  const auto fd = guest.open("file", oflag::creat, kFileRights);
  EXPECT_FALSE(closes_on_exec(guest, fd));
  EXPECT_EQ(guest.call("fd_fdflags_set", fd, fdflag_ext::cloexec), Errno::success);
  EXPECT_TRUE(closes_on_exec(guest, fd));
  EXPECT_FALSE(closes_on_exec(guest, duplicate(guest, fd)));
  EXPECT_EQ(guest.call("fd_fdflags_set", fd, 0), Errno::success);
  EXPECT_FALSE(closes_on_exec(guest, fd));
}

TEST(FdFdflags, WriteTwoBytesAndCheckTheirArguments) {
  Guest guest({.profile = kWasix});
  const auto result = guest.room(4);
  EXPECT_EQ(guest.call("fd_fdflags_get", 0, result), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(result), 0xAAAA0000u);
  EXPECT_EQ(guest.call("fd_fdflags_get", 99, result), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdflags_get", 0, ~0u), Errno::fault);
  EXPECT_EQ(guest.call("fd_fdflags_set", 99, 0), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdflags_set", 0, 2), Errno::inval);
}

TEST(FdFdflags, ACopyOverANumberDoesNotCloseOnExec) {
  Guest guest({.profile = kWasix});
  EXPECT_EQ(guest.call("fd_fdflags_set", 1, fdflag_ext::cloexec), Errno::success);
  EXPECT_EQ(guest.call("fd_renumber", 1, 9), Errno::success);
  EXPECT_FALSE(closes_on_exec(guest, 9));
  EXPECT_EQ(guest.call("fd_renumber", 1, 1), Errno::success);
  EXPECT_TRUE(closes_on_exec(guest, 1)) << "onto itself it changes nothing";
}

TEST(PathOpen2, OpensAndSaysWhetherExecCloses) {
  Guest guest({.profile = kWasix});
  guest.directory.write("file", "text");
  const auto path = guest.put("/file");
  const auto result = guest.room(4);
  for (const std::uint32_t ext : {0u, 1u}) {
    ASSERT_EQ(guest.call("path_open2", 3, 1, path, 5, 0, right::fd_read.bits(), std::uint64_t{0}, 0,
                         ext, result),
              Errno::success);
    const auto fd = guest.at<std::uint32_t>(result);
    EXPECT_EQ(guest.read(fd, 9), "text");
    EXPECT_EQ(closes_on_exec(guest, fd), ext == 1);
  }
  EXPECT_EQ(guest.call("path_open2", 3, 1, path, 5, 0, right::fd_read.bits(), std::uint64_t{0}, 0,
                       2, result),
            Errno::inval);
  EXPECT_EQ(guest.call("path_open2", 3, 1, guest.put("/none"), 5, 0, right::fd_read.bits(),
                       std::uint64_t{0}, 0, 0, result),
            Errno::noent);
}

TEST(FdPipe, CarriesBytesAndTheEnd) {
  Guest guest({.profile = kWasix});
  const auto [read, write] = make_pipe(guest);
  EXPECT_EQ(read, 4u);
  EXPECT_EQ(write, 5u);
  EXPECT_EQ(guest.write(write, "through"), Errno::success);
  EXPECT_EQ(guest.read(read, 4), "thro");
  EXPECT_EQ(guest.read(read, 40), "ugh");
  EXPECT_EQ(guest.call("fd_close", write), Errno::success);
  EXPECT_EQ(guest.read(read, 4), "");
}

TEST(FdPipe, IsReportedAsOpenForOneDirection) {
  Guest guest({.profile = kWasix});
  const auto [read, write] = make_pipe(guest);
  EXPECT_EQ(guest.fdstat(read).type, FileType::unknown);
  EXPECT_TRUE(Rights(guest.fdstat(read).rights_base).any_of(right::fd_read));
  EXPECT_FALSE(Rights(guest.fdstat(read).rights_base).any_of(right::fd_write));
  EXPECT_FALSE(Rights(guest.fdstat(write).rights_base).any_of(right::fd_read));
  EXPECT_EQ(guest.write(read, "x"), Errno::badf);
  EXPECT_EQ(guest.read(write, 1), "(failed)");
  EXPECT_EQ(guest.call("fd_seek", read, std::uint64_t{0}, 0, guest.room(8)), Errno::spipe);
}

TEST(FdPipe, ReadingFromAnEmptyOneWaitsUnlessNonBlocking) {
  Guest guest({.profile = kWasix});
  const auto [read, write] = make_pipe(guest);
  const auto buffer = guest.iovec(guest.room(4), 4);
  const auto size = guest.room(4);
  EXPECT_EQ(guest.call("fd_read", read, buffer, 1, size), kWaits);
  ASSERT_EQ(guest.wait().interests().size(), 1u);
  EXPECT_EQ(guest.wait().interests()[0].events, POLLIN);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", read, fdflag::nonblock), Errno::success);
  EXPECT_EQ(guest.call("fd_read", read, buffer, 1, size), Errno::again);
  EXPECT_EQ(guest.fdstat(write).flags, 0u) << "each end has flags of its own";
}

TEST(FdPipe, AFullOneMakesTheWriterWaitAndThenGoOn) {
  Guest guest({.profile = kWasix, .memory = 256 << 10});
  const auto [read, write] = make_pipe(guest);
  const auto big = guest.room(100'000);
  const auto sink = guest.room(100'000);
  const auto size = guest.room(4);
  EXPECT_EQ(guest.call("fd_write", write, guest.iovec(big, 100'000), 1, size), kWaits);
  ASSERT_EQ(guest.wait().interests().size(), 1u);
  EXPECT_EQ(guest.wait().interests()[0].events, POLLOUT);
  Guest& again = guest;
  // The reader makes room behind the waiting call's back.
  wasm::WaitSet wait;
  std::byte* const memory = again.memory.data() + sink;
  OpenDescription& end = *guest.process->descriptors().find(read)->open;
  const MutableBytes bytes(memory, 65'536);
  EXPECT_EQ(end.read(std::span(&bytes, 1)).value_or(0), 65'536u);
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 100'000u);
}

TEST(FdPipe, WithoutAReaderIsBroken) {
  std::signal(SIGPIPE, SIG_IGN);
  Guest guest({.profile = kWasix});
  const auto [read, write] = make_pipe(guest);
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  EXPECT_EQ(guest.write(write, "x"), Errno::pipe);
}

TEST(FdPipe, NeedsTwoNumbersAndRoomForBoth) {
  Guest guest({.profile = kWasix, .limits = {.descriptors = 6}});
  EXPECT_EQ(guest.call("fd_pipe", ~0u, guest.room(4)), Errno::fault);
  EXPECT_EQ(guest.call("fd_pipe", guest.room(4), ~0u), Errno::fault);
  EXPECT_EQ(duplicate(guest, 0), 4u);
  EXPECT_EQ(guest.call("fd_pipe", guest.room(4), guest.room(4)), Errno::mfile);
  EXPECT_EQ(duplicate(guest, 0), 5u) << "the failures took no number";
}

std::uint32_t make_event(Guest& guest, std::uint64_t initial, std::uint32_t flags) {
  const auto result = guest.room(4);
  EXPECT_EQ(guest.call("fd_event", initial, flags, result), Errno::success);
  return guest.at<std::uint32_t>(result);
}

std::string number(std::uint64_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

TEST(FdEvent, AddsUpAndIsTakenWhole) {
  Guest guest({.profile = kWasix});
  const auto fd = make_event(guest, 0x1'0000'0005, 4);
  EXPECT_EQ(guest.fdstat(fd).flags, fdflag::nonblock);
  EXPECT_EQ(guest.write(fd, number(2)), Errno::success);
  EXPECT_EQ(guest.read(fd, 8), number(0x1'0000'0007));
  EXPECT_EQ(guest.call("fd_read", fd, guest.iovec(guest.room(8), 8), 1, guest.room(4)),
            Errno::again);
}

TEST(FdEvent, AsASemaphoreIsTakenOneByOne) {
  Guest guest({.profile = kWasix});
  const auto fd = make_event(guest, 2, 1);
  EXPECT_EQ(guest.read(fd, 8), number(1));
  EXPECT_EQ(guest.read(fd, 8), number(1));
  EXPECT_EQ(guest.call("fd_read", fd, guest.iovec(guest.room(8), 8), 1, guest.room(4)), kWaits);
}

TEST(FdEvent, MovesEightBytesOverAnyBuffers) {
  Guest guest({.profile = kWasix});
  const auto fd = make_event(guest, 0, 0);
  const auto value = guest.put(number(0x0102030405060708));
  const GuestIovec parts[] = {{value, 3}, {value + 3, 5}};
  const auto size = guest.room(4);
  EXPECT_EQ(guest.call("fd_write", fd, guest.put_value(parts), 2, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(size), 8u);
  EXPECT_EQ(guest.read(fd, 20), number(0x0102030405060708));
  EXPECT_EQ(guest.write(fd, "short"), Errno::inval);
  EXPECT_EQ(guest.read(fd, 7), "(failed)");
}

TEST(FdEvent, RefusesTheNumberThatNoCounterHas) {
  Guest guest({.profile = kWasix, .limits = {.descriptors = 4}});
  EXPECT_EQ(guest.call("fd_event", ~std::uint64_t{0}, 0, guest.room(4)), Errno::mfile);
  Guest other({.profile = kWasix});
  EXPECT_EQ(other.call("fd_event", ~std::uint64_t{0}, 0, other.room(4)), Errno::inval);
  EXPECT_EQ(other.call("fd_event", std::uint64_t{0}, 0, ~0u), Errno::fault);
  const auto fd = make_event(other, ~std::uint64_t{0} - 1, 4);
  EXPECT_EQ(other.call("fd_write", fd, other.iovec(other.put(number(1)), 8), 1, other.room(4)),
            Errno::again);
}

}  // namespace
}  // namespace brink::wasi::testing
