#include <gtest/gtest.h>

#include "wasi/files/scratch_home.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

class PathOpenTest : public ::testing::Test {
 protected:
  explicit PathOpenTest(const GuestOptions& options = {}) : guest_(options) {
    guest_.directory.write("file", "content");
  }
  struct Flags {
    std::uint32_t lookup = 0;
    std::uint32_t oflags = 0;
    Rights base{};
    Rights inheriting{};
    std::uint32_t fdflags = 0;
  };
  Errno open(std::string_view path, const Flags& flags, std::uint32_t at = 3) {
    const Errno error = guest_.call(
        "path_open", at, flags.lookup, guest_.put(path), static_cast<std::uint32_t>(path.size()),
        flags.oflags, flags.base.bits(), flags.inheriting.bits(), flags.fdflags, result_);
    fd_ = guest_.at<std::uint32_t>(result_);
    return error;
  }
  Errno open(std::string_view path) { return open(path, Flags{}); }

  Guest guest_;
  std::uint32_t result_ = guest_.room(4);
  std::uint32_t fd_ = 0;
};

TEST_F(PathOpenTest, GivesTheRightsThatTheKindCanHave) {
  ASSERT_EQ(
      open("file", {.base = right::fd_read | right::fd_readdir, .inheriting = right::fd_read}),
      Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).type, FileType::regular_file);
  constexpr Rights kChanging = right::fd_write | right::fd_allocate | right::fd_filestat_set_size;
  EXPECT_EQ(guest_.fdstat(fd_).rights_base, kFileRights.without(kChanging).bits());
  EXPECT_EQ(guest_.fdstat(fd_).rights_inheriting, 0u);
  ASSERT_EQ(open(".", {.oflags = oflag::directory,
                       .base = right::fd_read | right::fd_readdir,
                       .inheriting = right::fd_read}),
            Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).type, FileType::directory);
  EXPECT_EQ(guest_.fdstat(fd_).rights_base, kDirectoryRights.bits());
  EXPECT_EQ(guest_.fdstat(fd_).rights_inheriting, right::fd_read.bits());
}

TEST_F(PathOpenTest, ReadsAndWritesOnlyWithTheRight) {
  ASSERT_EQ(open("file", {.base = right::fd_read}), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 100), "content");
  EXPECT_EQ(guest_.write(fd_, "x"), Errno::badf);
  ASSERT_EQ(open("file", {.base = right::fd_write}), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 100), "(failed)");
  EXPECT_EQ(guest_.write(fd_, "C"), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), "Content");
}

TEST_F(PathOpenTest, ADirectoryPassesOnNoMoreThanItsInheritingRights) {
  ASSERT_EQ(open(".", {.oflags = oflag::directory,
                       .base = right::path_open | right::path_create_file,
                       .inheriting = right::fd_read}),
            Errno::success);
  const std::uint32_t directory = fd_;
  EXPECT_EQ(open("file", {.base = right::fd_read}, directory), Errno::success);
  EXPECT_EQ(open("file", {.base = right::fd_write}, directory), Errno::notcapable);
  EXPECT_EQ(open("file", {.inheriting = right::fd_write}, directory), Errno::notcapable);
  EXPECT_EQ(open("new", {.oflags = oflag::creat}, directory), Errno::success);
  guest_.drop_rights(directory, right::path_create_file);
  EXPECT_EQ(open("newer", {.oflags = oflag::creat}, directory), Errno::perm);
  guest_.drop_rights(directory, right::path_filestat_set_size);
  EXPECT_EQ(open("file", {.oflags = oflag::trunc}, directory), Errno::perm);
  guest_.drop_rights(directory, right::path_open);
  EXPECT_EQ(open("file", {}, directory), Errno::perm);
}

TEST_F(PathOpenTest, GrantsAllButReadingAndWritingToThoseWhoDoNotAsk) {
  ASSERT_EQ(open("file"), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 1), "(failed)");
  EXPECT_EQ(guest_.call("fd_filestat_get", fd_, guest_.room(64)), Errno::success);
  ASSERT_EQ(open("file", {.base = right::fd_write}), Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).rights_base, kFileRights.without(right::fd_read).bits());
  ASSERT_EQ(open(".", {.oflags = oflag::directory}), Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).rights_inheriting, kInheritableRights.bits());
  ASSERT_EQ(open("file", {.base = right::fd_read}, fd_), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 100), "content");
}

TEST_F(PathOpenTest, GrantsNoMoreThanTheDirectoryStillPassesOn) {
  ASSERT_EQ(open(".", {.oflags = oflag::directory}), Errno::success);
  const std::uint32_t directory = fd_;
  const Rights left = kInheritableRights.without(right::fd_tell | right::fd_sync);
  ASSERT_EQ(guest_.call("fd_fdstat_set_rights", directory, kDirectoryRights.bits(), left.bits()),
            Errno::success);
  ASSERT_EQ(open("file", {.base = right::fd_read}, directory), Errno::success);
  EXPECT_EQ(guest_.call("fd_tell", fd_, guest_.room(8)), Errno::badf);
  EXPECT_EQ(guest_.call("fd_sync", fd_), Errno::badf);
  EXPECT_EQ(open("file", {.base = right::fd_tell}, directory), Errno::notcapable);
}

TEST_F(PathOpenTest, AskingForEverythingIsFine) {
  EXPECT_EQ(open("file", {.base = Rights(~0ULL), .inheriting = Rights(~0ULL)}), Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).rights_base, kFileRights.bits());
}

TEST_F(PathOpenTest, CreatesExclusivelyAndCuts) {
  EXPECT_EQ(open("new"), Errno::noent);
  EXPECT_EQ(open("new", {.oflags = oflag::creat | oflag::excl}), Errno::success);
  EXPECT_EQ(open("new", {.oflags = oflag::creat | oflag::excl}), Errno::exist);
  EXPECT_EQ(open("file", {.oflags = oflag::creat}), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), "content");
  EXPECT_EQ(open("file", {.oflags = oflag::trunc}), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), "");
}

TEST_F(PathOpenTest, KnowsFilesFromDirectories) {
  EXPECT_EQ(open("file", {.oflags = oflag::directory}), Errno::notdir);
  EXPECT_EQ(open("file/x"), Errno::notdir);
  EXPECT_EQ(open(".", {.base = right::fd_write}), Errno::isdir);
  EXPECT_EQ(open(".", {.oflags = oflag::directory, .base = right::fd_read | right::fd_write}),
            Errno::isdir);
  EXPECT_EQ(open(".", {.oflags = oflag::directory, .base = right::fd_read}), Errno::success);
  EXPECT_EQ(open(".", {.fdflags = fdflag::nonblock}), Errno::success);
}

TEST_F(PathOpenTest, KeepsTheStatusFlags) {
  ASSERT_EQ(open("file", {.base = right::fd_write, .fdflags = fdflag::append | fdflag::sync}),
            Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).flags, fdflag::append | fdflag::sync);
  EXPECT_EQ(guest_.write(fd_, "!"), Errno::success);
  EXPECT_EQ(guest_.directory.read("file"), "content!");
}

TEST_F(PathOpenTest, FollowsALinkOnlyWhenAsked) {
  ASSERT_EQ(guest_.call("path_symlink", guest_.put("file"), 4, 3, guest_.put("link"), 4),
            Errno::success);
  EXPECT_EQ(open("link"), Errno::loop);
  EXPECT_EQ(open("link", {.lookup = 1}), Errno::success);
}

TEST_F(PathOpenTest, ChecksItsArguments) {
  EXPECT_EQ(open("file", {}, 99), Errno::badf);
  ASSERT_EQ(open("file"), Errno::success);
  EXPECT_EQ(open("file", {}, fd_), Errno::notdir);
  EXPECT_EQ(open("file", {}, 0), Errno::notdir);
  EXPECT_EQ(open("file", {.oflags = 16}), Errno::inval);
  EXPECT_EQ(open("file", {.fdflags = 32}), Errno::inval);
  EXPECT_EQ(open("file", {.lookup = 2}), Errno::inval);
  EXPECT_EQ(open("x", {.oflags = oflag::creat | oflag::directory}), Errno::inval);
  EXPECT_EQ(open(std::string(5000, 'x')), Errno::nametoolong);
  EXPECT_EQ(open(""), Errno::noent);
}

TEST_F(PathOpenTest, WildAddressesHaveNoEffect) {
  constexpr std::uint64_t kNone = 0;
  EXPECT_EQ(guest_.call("path_open", 3, 0, ~0u, 4, 0, kNone, kNone, 0, result_), Errno::fault);
  EXPECT_EQ(guest_.call("path_open", 3, 0, guest_.put("new"), 3, std::uint32_t{oflag::creat}, kNone,
                        kNone, 0, ~0u),
            Errno::fault);
  EXPECT_EQ(open("new"), Errno::noent);
}

TEST_F(PathOpenTest, OffersDevicesAndTheStreams) {
  ASSERT_EQ(open("dev/null", {.base = right::fd_read | right::fd_write}), Errno::success);
  EXPECT_EQ(guest_.fdstat(fd_).type, FileType::character_device);
  EXPECT_EQ(guest_.write(fd_, "gone"), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 4), "");
  ASSERT_EQ(open("dev/zero", {.base = right::fd_read}), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 4), std::string(4, '\0'));
  ASSERT_EQ(open("dev/stdout", {.base = right::fd_write}), Errno::success);
  EXPECT_EQ(guest_.write(fd_, "again"), Errno::success);
  EXPECT_EQ(guest_.out.text(), "again");
  guest_.in.push("input");
  ASSERT_EQ(open("dev/stdin", {.base = right::fd_read}), Errno::success);
  EXPECT_EQ(guest_.read(fd_, 10), "input");
  EXPECT_EQ(guest_.write(fd_, "x"), Errno::badf);
}

class FullTableTest : public PathOpenTest {
 protected:
  FullTableTest() : PathOpenTest({.limits = {.descriptors = 5}}) {}
};

TEST_F(FullTableTest, IsToldBeforeAnythingHappens) {
  EXPECT_EQ(open("file"), Errno::success);
  EXPECT_EQ(fd_, 4u);
  EXPECT_EQ(open("new", {.oflags = oflag::creat}), Errno::mfile);
  EXPECT_EQ(guest_.call("fd_close", 4), Errno::success);
  EXPECT_EQ(open("new"), Errno::noent);
}

TEST(PathOpenProfile, AbsolutePathsAreForWasixOnly) {
  Guest standard;
  standard.directory.write("file", "x");
  const auto out = standard.room(4);
  EXPECT_EQ(standard.call("path_open", 3, 0, standard.put("/file"), 5, 0, std::uint64_t{0},
                          std::uint64_t{0}, 0, out),
            Errno::perm);
  Guest wasix({.profile = kWasix});
  wasix.directory.write("file", "x");
  for (const char* path : {"/file", "//file", "file"}) EXPECT_NE(wasix.open(path), ~0u) << path;
}

/// A worker's other guests get their turn between the pieces of a large copy.
TEST(PathOpenCopies, ALargePackageFileInSeveralAttempts) {
  const TemporaryDirectory base;
  auto home = files::ScratchHome::create(base.open().get());
  ASSERT_TRUE(home);
  Guest guest({.profile = kWasix, .origin = files::Origin::package, .scratch = &*home});
  const std::string large((std::size_t{3} << 20) + 1, 'x');
  guest.directory.write("large", large);
  guest.directory.write("small", "s");
  const auto fd = guest.open("large", 0, kInheritableRights);
  EXPECT_EQ(guest.attempts(), 4U);
  EXPECT_EQ(guest.write(fd, "changed"), Errno::success);
  EXPECT_EQ(guest.read(guest.open("large"), 8), "changedx");
  EXPECT_EQ(guest.directory.read("large"), large);
  static_cast<void>(guest.open("small", 0, kInheritableRights));
  EXPECT_EQ(guest.attempts(), 1U);
}

}  // namespace
}  // namespace brink::wasi::testing
