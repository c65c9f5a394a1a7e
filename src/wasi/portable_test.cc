#include "wasi/portable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

using Kind = PortableDescription::Kind;

/// What SCM_RIGHTS does.
std::vector<UniqueFd> send(const PortableTable& packed) {
  std::vector<UniqueFd> sent;
  for (const PortableDescription& one : packed.descriptions) {
    if (one.descriptor >= 0) sent.emplace_back(::dup(one.descriptor));
  }
  return sent;
}

Outcome<void> pass_on(Guest& from, Guest& to) {
  const PortableTable packed = pack(from.process->descriptors());
  return unpack(*to.process, packed, send(packed));
}

std::uint32_t dup_to(Guest& guest, std::uint32_t fd, std::uint32_t number) {
  const auto result = guest.room(4);
  EXPECT_EQ(guest.call("fd_dup2", fd, number, 0, result), Errno::success);
  return guest.at<std::uint32_t>(result);
}

class Portable : public ::testing::Test {
 protected:
  Guest from{{.profile = kWasix}};
  Guest to{{.profile = kWasix}};
};

TEST_F(Portable, AFreshTableArrivesAsItIs) {
  ASSERT_TRUE(pass_on(from, to).has_value());
  EXPECT_EQ(to.process->descriptors().open_count(), 4u);
  EXPECT_EQ(to.write(1, "hello"), Errno::success);
  EXPECT_EQ(to.out.text(), "hello");
  EXPECT_EQ(to.write(2, "err"), Errno::success);
  EXPECT_EQ(to.err.text(), "err");
  EXPECT_EQ(to.call("fd_prestat_get", 3, 64), Errno::success);
  EXPECT_EQ(to.call("fd_prestat_get", 4, 64), Errno::badf);
  EXPECT_NE(to.open("/new", oflag::creat), ~0u);
}

TEST_F(Portable, AFileSharesItsOffsetAndKeepsFlagsAndRights) {
  from.directory.write("file", "0123456789");
  const auto fd = from.open("file", 0, right::fd_read | right::fd_seek);
  from.drop_rights(fd, right::fd_seek);
  EXPECT_EQ(from.read(fd, 4), "0123");
  const auto log = from.open("log", oflag::creat, kFileRights, Rights(), fdflag::append);
  ASSERT_TRUE(pass_on(from, to).has_value());
  EXPECT_EQ(to.read(fd, 3), "456");
  EXPECT_EQ(from.read(fd, 9), "789");
  EXPECT_EQ(to.fdstat(fd).rights_base, from.fdstat(fd).rights_base);
  EXPECT_EQ(to.fdstat(log).flags, fdflag::append);
  EXPECT_EQ(from.write(log, "a"), Errno::success);
  EXPECT_EQ(to.write(log, "b"), Errno::success);
  EXPECT_EQ(from.directory.read("log"), "ab");
}

TEST_F(Portable, DuplicatesStillShareOneDescription) {
  const auto fd = from.open("file", oflag::creat, kFileRights);
  const auto copy = dup_to(from, fd, 20);
  const auto redirected = dup_to(from, 2, 21);
  ASSERT_TRUE(pass_on(from, to).has_value());
  EXPECT_EQ(to.call("fd_fdstat_set_flags", copy, fdflag::nonblock), Errno::success);
  EXPECT_EQ(to.fdstat(fd).flags, fdflag::nonblock);
  EXPECT_EQ(from.fdstat(fd).flags, 0u) << "flags are copied";
  EXPECT_EQ(to.write(redirected, "e"), Errno::success);
  EXPECT_EQ(to.err.text(), "e");
}

TEST_F(Portable, WhatClosesOnExecStaysBehind) {
  const auto fd = from.open("file", oflag::creat, kFileRights);
  const auto copy = dup_to(from, fd, 20);
  EXPECT_EQ(from.call("fd_fdflags_set", fd, fdflag_ext::cloexec), Errno::success);
  EXPECT_EQ(from.call("fd_fdflags_set", 0, fdflag_ext::cloexec), Errno::success);
  ASSERT_TRUE(pass_on(from, to).has_value());
  EXPECT_EQ(to.call("fd_fdstat_get", fd, 64), Errno::badf);
  EXPECT_EQ(to.call("fd_fdstat_get", 0, 64), Errno::badf);
  EXPECT_EQ(to.write(copy, "x"), Errno::success);
}

TEST_F(Portable, PipesEventsSocketsAndDevicesGoOn) {
  const auto ends = from.room(8);
  ASSERT_EQ(from.call("fd_pipe", ends, ends + 4), Errno::success);
  const auto read = from.at<std::uint32_t>(ends);
  const auto write = from.at<std::uint32_t>(ends + 4);
  const auto counter = from.room(4);
  ASSERT_EQ(from.call("fd_event", std::uint64_t{5}, 4, counter), Errno::success);
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd peer(pair[1]);
  const auto socket = from.process->add_socket(UniqueFd(pair[0])).value();
  const auto null = from.open("/dev/null", 0, right::fd_read);
  EXPECT_EQ(from.call("fd_fdstat_set_flags", read, fdflag::nonblock), Errno::success);
  ASSERT_TRUE(pass_on(from, to).has_value());

  EXPECT_EQ(from.write(write, "ab"), Errno::success);
  EXPECT_EQ(to.read(read, 9), "ab");
  EXPECT_EQ(to.fdstat(read).flags, fdflag::nonblock);
  EXPECT_EQ(to.write(write, "c"), Errno::success);
  EXPECT_EQ(from.read(read, 9), "c");
  EXPECT_EQ(to.write(read, "x"), Errno::badf);
  EXPECT_EQ(to.read(from.at<std::uint32_t>(counter), 8), std::string("\5\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(to.write(socket, "over"), Errno::success);
  char bytes[8];
  EXPECT_EQ(::read(peer.get(), bytes, sizeof bytes), 4);
  EXPECT_EQ(to.read(null, 4), "");
}

TEST_F(Portable, DirectoriesAreOpenedAnewAndMissingOnesLeftOut) {
  for (const auto& root : {from.directory.path(), to.directory.path()}) {
    std::filesystem::create_directories(root + "/both/sub");
  }
  std::filesystem::create_directory(from.directory.path() + "/one");
  to.directory.write("both/file", "here");
  const auto both = from.open("/both", oflag::directory, kDirectoryRights);
  const auto one = from.open("/one", oflag::directory, kDirectoryRights);
  ASSERT_TRUE(pass_on(from, to).has_value());
  EXPECT_EQ(to.fdstat(both).type, FileType::directory);
  EXPECT_EQ(to.fdstat(both).rights_inheriting, from.fdstat(both).rights_inheriting);
  EXPECT_EQ(to.call("fd_fdstat_get", one, 64), Errno::badf);
  EXPECT_EQ(to.call("fd_prestat_get", both, 64), Errno::badf);
}

TEST_F(Portable, AnEpollSetStaysBehind) {
  const auto result = from.room(4);
  ASSERT_EQ(from.call("epoll_create", result), Errno::success);
  ASSERT_TRUE(pass_on(from, to).has_value());
  EXPECT_EQ(to.call("fd_fdstat_get", from.at<std::uint32_t>(result), 64), Errno::badf);
}

TEST_F(Portable, RefusesWhatNobodyCanHavePacked) {
  const auto ends = from.room(8);
  ASSERT_EQ(from.call("fd_pipe", ends, ends + 4), Errno::success);
  ASSERT_NE(from.open("file", oflag::creat, kFileRights), ~0u);
  const PortableTable good = pack(from.process->descriptors());
  const auto refused = [&](auto change) {
    PortableTable bad = good;
    change(bad);
    const auto before = to.process->descriptors().open_count();
    const auto result = unpack(*to.process, bad, send(good));
    EXPECT_EQ(to.process->descriptors().open_count(), before);
    return !result && result.error() == Errno::inval;
  };
  const auto find = [](PortableTable& table, Kind kind) -> PortableDescription& {
    return *std::ranges::find(table.descriptions, kind, &PortableDescription::kind);
  };
  EXPECT_TRUE(refused([](auto& table) { table.descriptors[0].number = 256; }));
  EXPECT_TRUE(refused([](auto& table) { table.descriptors[1].number = 0; }));
  EXPECT_TRUE(refused([](auto& table) { table.descriptors[0].description = 99; }));
  EXPECT_TRUE(refused([](auto& table) { table.descriptions[0].flags = 32; }));
  EXPECT_TRUE(refused([](auto& table) { table.descriptions[0].detail = 3; }));
  EXPECT_TRUE(refused([](auto& table) { table.descriptions[0].kind = Kind{99}; }));
  EXPECT_TRUE(refused([&](auto& table) { find(table, Kind::directory).descriptor = 1; }));
  EXPECT_TRUE(refused([&](auto& table) { find(table, Kind::pipe_read).descriptor = -1; }));
  EXPECT_TRUE(refused([&](auto& table) { find(table, Kind::file).detail = 4; }));
  EXPECT_TRUE(refused([&](auto& table) { find(table, Kind::file).kind = Kind::pipe_read; }));
  EXPECT_TRUE(refused([&](auto& table) { find(table, Kind::pipe_read).kind = Kind::file; }));
  EXPECT_TRUE(refused([&](auto& table) { find(table, Kind::directory).path.assign(5000, 'x'); }));
  EXPECT_EQ(unpack(*to.process, good, {}).error(), Errno::inval);
  EXPECT_TRUE(unpack(*to.process, good, send(good)).has_value());
}

}  // namespace
}  // namespace brink::wasi::testing
