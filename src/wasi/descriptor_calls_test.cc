#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(Fdstat, StandardStreamsAreTerminalsForLibc) {
  Guest guest;
  for (std::uint32_t fd = 0; fd < 3; ++fd) {
    const GuestFdstat stat = guest.fdstat(fd);
    EXPECT_EQ(stat.type, FileType::character_device);
    EXPECT_FALSE(Rights(stat.rights_base).any_of(right::fd_seek | right::fd_tell));
    EXPECT_EQ(Rights(stat.rights_base).any_of(right::fd_read), fd == 0);
    EXPECT_EQ(Rights(stat.rights_base).any_of(right::fd_write), fd != 0);
  }
}

TEST(Fdstat, APreopenCanPassOnEverythingAndCannotBeReadOrCut) {
  Guest guest;
  const GuestFdstat stat = guest.fdstat(3);
  EXPECT_EQ(stat.type, FileType::directory);
  EXPECT_EQ(stat.flags, 0u);
  EXPECT_FALSE(Rights(stat.rights_base)
                   .any_of(right::fd_read | right::fd_write | right::fd_filestat_set_size));
  EXPECT_TRUE(Rights(stat.rights_inheriting).covers(kFileRights | kDirectoryRights));
}

TEST(Fdstat, NeedsAnOpenDescriptorAndRoom) {
  Guest guest;
  EXPECT_EQ(guest.call("fd_fdstat_get", 99, 64), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdstat_get", -1, 64), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdstat_get", 0, ~0u), Errno::fault);
}

TEST(FdstatSetFlags, AreReadBack) {
  Guest guest;
  const auto fd = guest.open("file", oflag::creat, kFileRights);
  for (const std::uint32_t target : {0u, 1u, fd}) {
    EXPECT_EQ(guest.call("fd_fdstat_set_flags", target, fdflag::nonblock), Errno::success);
    EXPECT_EQ(guest.fdstat(target).flags, fdflag::nonblock);
  }
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 0), Errno::success);
  EXPECT_EQ(guest.fdstat(fd).flags, 0u);
}

TEST(FdstatSetFlags, AppendCanBeSwitchedOff) {
  Guest guest;
  const auto fd =
      guest.open("file", oflag::creat, kFileRights, Rights(), std::uint32_t{fdflag::append});
  EXPECT_EQ(guest.write(fd, "one"), Errno::success);
  EXPECT_EQ(guest.call("fd_seek", fd, std::uint64_t{0}, 0, guest.room(8)), Errno::success);
  EXPECT_EQ(guest.write(fd, "two"), Errno::success);
  EXPECT_EQ(guest.directory.read("file"), "onetwo");
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 0), Errno::success);
  EXPECT_EQ(guest.call("fd_seek", fd, std::uint64_t{0}, 0, guest.room(8)), Errno::success);
  EXPECT_EQ(guest.write(fd, "ONE"), Errno::success);
  EXPECT_EQ(guest.directory.read("file"), "ONEtwo");
}

TEST(FdstatSetFlags, ChecksDescriptorRightsAndBits) {
  Guest guest;
  const auto fd = guest.open("file", oflag::creat, right::fd_read);
  guest.drop_rights(fd, right::fd_fdstat_set_flags);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 0), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", 99, 0), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", 0, 32), Errno::inval);
  const auto full = guest.open("file", 0, kFileRights);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", full, fdflag::sync), Errno::notsup);
}

TEST(FdstatSetRights, OnlyEverDrops) {
  Guest guest;
  const auto fd = guest.open("file", oflag::creat, right::fd_read | right::fd_write);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", fd, right::fd_write.bits(), std::uint64_t{0}),
            Errno::success);
  EXPECT_EQ(guest.fdstat(fd).rights_base, right::fd_write.bits());
  EXPECT_EQ(guest.read(fd, 1), "(failed)");
  const auto both = (right::fd_read | right::fd_write).bits();
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", fd, both, std::uint64_t{0}), Errno::notcapable);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", fd, std::uint64_t{0}, right::fd_read.bits()),
            Errno::notcapable);
  EXPECT_EQ(guest.fdstat(fd).rights_base, right::fd_write.bits()) << "a refusal changes nothing";
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", 99, both, both), Errno::badf);
}

TEST(FdClose, FreesTheNumber) {
  Guest guest;
  const auto fd = guest.open("file", oflag::creat);
  EXPECT_EQ(guest.call("fd_close", fd), Errno::success);
  EXPECT_EQ(guest.call("fd_close", fd), Errno::badf);
  EXPECT_EQ(guest.call("fd_close", -1), Errno::badf);
  EXPECT_EQ(guest.open("file"), fd);
}

TEST(FdClose, StandardStreamsToo) {
  Guest guest;
  EXPECT_EQ(guest.call("fd_close", 1), Errno::success);
  EXPECT_EQ(guest.write(1, "x"), Errno::badf);
}

TEST(FdClose, OfAPreopenFollowsTheProfile) {
  Guest standard;
  EXPECT_EQ(standard.call("fd_close", 3), Errno::success);
  EXPECT_EQ(standard.call("fd_fdstat_get", 3, 64), Errno::badf);
  Guest wasix({.profile = kWasix});
  EXPECT_EQ(wasix.call("fd_close", 3), Errno::success);
  EXPECT_EQ(wasix.call("fd_fdstat_get", 3, 64), Errno::success);
  EXPECT_NE(wasix.open("/file", oflag::creat), ~0u);
}

TEST(FdRenumber, MovesInTheStandardAndCopiesInWasix) {
  for (const AbiProfile& profile : {kStandard, kWasix}) {
    Guest guest({.profile = profile});
    const auto from = guest.open("one", oflag::creat, kFileRights);
    const auto to = guest.open("two", oflag::creat, kFileRights);
    EXPECT_EQ(guest.call("fd_renumber", from, to), Errno::success);
    EXPECT_EQ(guest.write(to, "x"), Errno::success);
    EXPECT_EQ(guest.directory.read("one"), "x");
    const bool copies = profile.renumber == AbiProfile::Renumber::copies;
    EXPECT_EQ(guest.call("fd_close", from), copies ? Errno::success : Errno::badf);
  }
}

TEST(FdRenumber, ACopySharesTheOffset) {
  Guest guest({.profile = kWasix});
  const auto fd = guest.open("one", oflag::creat, kFileRights);
  EXPECT_EQ(guest.call("fd_renumber", fd, 40), Errno::success);
  EXPECT_EQ(guest.write(fd, "a"), Errno::success);
  EXPECT_EQ(guest.write(40, "b"), Errno::success);
  EXPECT_EQ(guest.directory.read("one"), "ab");
}

TEST(FdRenumber, OntoAPreopenFollowsTheProfile) {
  for (const AbiProfile& profile : {kStandard, kWasix}) {
    Guest guest({.profile = profile});
    const auto fd = guest.open(".", oflag::directory, kDirectoryRights);
    const bool refuses = profile.renumber_onto_preopen == AbiProfile::RenumberOntoPreopen::refuses;
    EXPECT_EQ(guest.call("fd_renumber", fd, 3), refuses ? Errno::notsup : Errno::success);
    EXPECT_EQ(guest.fdstat(3).type, FileType::directory);
    EXPECT_EQ(guest.call("fd_prestat_get", 3, 64), refuses ? Errno::success : Errno::badf);
  }
}

TEST(FdRenumber, NeedsOpenDescriptors) {
  Guest guest;
  EXPECT_EQ(guest.call("fd_renumber", 99, 0), Errno::badf);
  EXPECT_EQ(guest.call("fd_renumber", 0, 99), Errno::badf);
  EXPECT_EQ(guest.call("fd_renumber", 0, -1), Errno::badf);
}

TEST(FdPrestat, NamesThePreopensAndNothingElse) {
  Guest guest;
  const auto prestat = guest.room(8);
  EXPECT_EQ(guest.call("fd_prestat_get", 3, prestat), Errno::success);
  EXPECT_EQ(guest.at<GuestPrestat>(prestat).tag, 0u);
  EXPECT_EQ(guest.at<GuestPrestat>(prestat).name_length, 1u);
  const auto name = guest.room(2);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", 3, name, 1), Errno::success);
  EXPECT_EQ(guest.text(name, 2), "/\xAA");
  EXPECT_EQ(guest.call("fd_prestat_dir_name", 3, name, 2), Errno::success);
  const auto directory = guest.open(".", oflag::directory, kDirectoryRights);
  for (const std::uint32_t fd : {0u, 1u, 4u, directory, 99u}) {
    EXPECT_EQ(guest.call("fd_prestat_get", fd, prestat), Errno::badf);
    EXPECT_EQ(guest.call("fd_prestat_dir_name", fd, name, 1), Errno::badf);
  }
}

TEST(FdPrestat, ChecksItsBuffers) {
  Guest guest;
  EXPECT_EQ(guest.call("fd_prestat_get", 3, ~0u), Errno::fault);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", 3, ~0u, 1), Errno::fault);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", 3, 64, 0), Errno::nametoolong);
}

}  // namespace
}  // namespace brink::wasi::testing
