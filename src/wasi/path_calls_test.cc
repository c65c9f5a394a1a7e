#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

class PathCallsTest : public ::testing::Test {
 protected:
  PathCallsTest() { guest_.directory.write("file", "content"); }

  /// A call that takes a descriptor and a path.
  Errno at(std::string_view call, std::string_view path, std::uint32_t fd = 3) {
    return guest_.call(call, fd, guest_.put(path), static_cast<std::uint32_t>(path.size()));
  }
  Errno mkdir(std::string_view path) { return at("path_create_directory", path); }
  Errno stat(std::string_view path, std::uint32_t lookup = 0, std::uint32_t fd = 3) {
    return guest_.call("path_filestat_get", fd, lookup, guest_.put(path),
                       static_cast<std::uint32_t>(path.size()), stat_);
  }
  GuestFilestat stat_result() { return guest_.at<GuestFilestat>(stat_); }
  Errno two(std::string_view call, std::string_view from, std::string_view to) {
    return guest_.call(call, 3, guest_.put(from), static_cast<std::uint32_t>(from.size()), 3,
                       guest_.put(to), static_cast<std::uint32_t>(to.size()));
  }
  Errno link(std::string_view from, std::string_view to, std::uint32_t lookup = 0) {
    return guest_.call("path_link", 3, lookup, guest_.put(from),
                       static_cast<std::uint32_t>(from.size()), 3, guest_.put(to),
                       static_cast<std::uint32_t>(to.size()));
  }
  Errno symlink(std::string_view target, std::string_view path) {
    return guest_.call("path_symlink", guest_.put(target),
                       static_cast<std::uint32_t>(target.size()), 3, guest_.put(path),
                       static_cast<std::uint32_t>(path.size()));
  }
  Errno set_times(std::string_view path, std::uint64_t modified, std::uint32_t which) {
    return guest_.call("path_filestat_set_times", 3, 0, guest_.put(path),
                       static_cast<std::uint32_t>(path.size()), std::uint64_t{0}, modified, which);
  }

  Guest guest_;
  std::uint32_t stat_ = guest_.room(sizeof(GuestFilestat));
};

TEST_F(PathCallsTest, MakesAndRemovesDirectories) {
  EXPECT_EQ(mkdir("dir"), Errno::success);
  EXPECT_EQ(mkdir("dir"), Errno::exist);
  EXPECT_EQ(mkdir("missing/dir"), Errno::noent);
  EXPECT_EQ(stat("dir"), Errno::success);
  EXPECT_EQ(stat_result().type, FileType::directory);
  EXPECT_EQ(mkdir("dir/sub"), Errno::success);
  EXPECT_EQ(at("path_remove_directory", "dir"), Errno::notempty);
  EXPECT_EQ(at("path_remove_directory", "dir/sub"), Errno::success);
  EXPECT_EQ(at("path_remove_directory", "dir"), Errno::success);
  EXPECT_EQ(at("path_remove_directory", "dir"), Errno::noent);
  EXPECT_EQ(at("path_remove_directory", "file"), Errno::notdir);
}

TEST_F(PathCallsTest, UnlinksFilesOnly) {
  ASSERT_EQ(mkdir("dir"), Errno::success);
  EXPECT_EQ(at("path_unlink_file", "dir"), Errno::isdir);
  EXPECT_EQ(at("path_unlink_file", "file/"), Errno::notdir);
  EXPECT_EQ(at("path_unlink_file", "file"), Errno::success);
  EXPECT_EQ(at("path_unlink_file", "file"), Errno::noent);
}

TEST_F(PathCallsTest, StatFollowsLinksWhenAsked) {
  ASSERT_EQ(symlink("file", "link"), Errno::success);
  EXPECT_EQ(stat("link"), Errno::success);
  EXPECT_EQ(stat_result().type, FileType::symbolic_link);
  EXPECT_EQ(stat("link", 1), Errno::success);
  EXPECT_EQ(stat_result().type, FileType::regular_file);
  EXPECT_EQ(stat_result().size, 7u);
  EXPECT_EQ(stat("missing"), Errno::noent);
  EXPECT_EQ(stat("file", 2), Errno::inval);
  EXPECT_EQ(guest_.call("path_filestat_get", 3, 0, guest_.put("file"), 4, ~0u), Errno::fault);
}

TEST_F(PathCallsTest, SetsTimes) {
  EXPECT_EQ(set_times("file", 12345, fstflag::mtim), Errno::success);
  EXPECT_EQ(stat("file"), Errno::success);
  EXPECT_EQ(stat_result().modified, 12345u);
  EXPECT_EQ(set_times("file", 1, fstflag::mtim | fstflag::mtim_now), Errno::inval);
  EXPECT_EQ(set_times("file", 1, fstflag::atim | fstflag::atim_now), Errno::inval);
  EXPECT_EQ(set_times("file", 1, 32), Errno::inval);
  EXPECT_EQ(set_times("missing", 1, fstflag::mtim), Errno::noent);
  EXPECT_EQ(stat("file"), Errno::success);
  EXPECT_EQ(stat_result().modified, 12345u) << "a refusal changes nothing";
}

TEST_F(PathCallsTest, Links) {
  EXPECT_EQ(link("file", "other"), Errno::success);
  EXPECT_EQ(guest_.directory.read("other"), "content");
  EXPECT_EQ(stat("file"), Errno::success);
  EXPECT_EQ(stat_result().links, 2u);
  EXPECT_EQ(link("file", "other"), Errno::exist);
  EXPECT_EQ(link("missing", "new"), Errno::noent);
  ASSERT_EQ(mkdir("dir"), Errno::success);
  EXPECT_EQ(link("dir", "dir2"), Errno::perm);
  EXPECT_EQ(link("file", "new/"), Errno::noent);
  EXPECT_EQ(link("file", "new", 2), Errno::inval);
}

TEST_F(PathCallsTest, Renames) {
  EXPECT_EQ(two("path_rename", "file", "moved"), Errno::success);
  EXPECT_EQ(guest_.directory.read("moved"), "content");
  EXPECT_EQ(two("path_rename", "file", "moved"), Errno::noent);
  ASSERT_EQ(mkdir("dir"), Errno::success);
  EXPECT_EQ(two("path_rename", "moved", "dir"), Errno::isdir);
  EXPECT_EQ(two("path_rename", "dir", "moved"), Errno::notdir);
  ASSERT_EQ(mkdir("dir2"), Errno::success);
  ASSERT_EQ(mkdir("dir2/sub"), Errno::success);
  EXPECT_EQ(two("path_rename", "dir", "dir2"), Errno::notempty);
  EXPECT_EQ(two("path_rename", "dir2", "dir"), Errno::success);
}

TEST_F(PathCallsTest, ReadsLinksAsFarAsTheBufferGoes) {
  ASSERT_EQ(symlink("target", "link"), Errno::success);
  const auto buffer = guest_.room(10), size = guest_.room(4);
  const auto path = guest_.put("link");
  EXPECT_EQ(guest_.call("path_readlink", 3, path, 4, buffer, 10, size), Errno::success);
  EXPECT_EQ(guest_.at<std::uint32_t>(size), 6u);
  EXPECT_EQ(guest_.text(buffer, 7), "target\xAA");
  EXPECT_EQ(guest_.call("path_readlink", 3, path, 4, buffer, 4, size), Errno::success);
  EXPECT_EQ(guest_.at<std::uint32_t>(size), 4u);
  EXPECT_EQ(guest_.call("path_readlink", 3, path, 4, ~0u, 6, size), Errno::fault);
  EXPECT_EQ(guest_.call("path_readlink", 3, path, 4, buffer, 6, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("path_readlink", 3, guest_.put("file"), 4, buffer, 6, size), Errno::inval);
}

TEST_F(PathCallsTest, SymbolicLinks) {
  EXPECT_EQ(symlink("missing", "dangling"), Errno::success);
  EXPECT_EQ(symlink("file", "dangling"), Errno::exist);
  EXPECT_EQ(symlink("/file", "absolute"), Errno::perm);
  EXPECT_EQ(symlink("loop", "loop"), Errno::success);
  EXPECT_EQ(stat("loop", 1), Errno::loop);
  EXPECT_EQ(guest_.call("path_symlink", ~0u, 4, 3, guest_.put("new"), 3), Errno::fault);
}

TEST_F(PathCallsTest, PathsStayInside) {
  EXPECT_EQ(stat("../etc"), Errno::perm);
  EXPECT_EQ(stat("/file"), Errno::perm);
  EXPECT_EQ(stat(""), Errno::noent);
  EXPECT_EQ(stat(std::string_view("file\0", 5)), Errno::inval);
  EXPECT_EQ(stat(std::string(4096, 'x')), Errno::nametoolong);
}

TEST_F(PathCallsTest, AllOfThemCheckDescriptorAndAddress) {
  ASSERT_EQ(mkdir("dir"), Errno::success);
  const auto file = guest_.open("file");
  for (const char* call : {"path_create_directory", "path_remove_directory", "path_unlink_file"}) {
    EXPECT_EQ(at(call, "x", 99), Errno::badf) << call;
    EXPECT_EQ(at(call, "x", file), Errno::notdir) << call;
    EXPECT_EQ(guest_.call(call, 3, ~0u, 4), Errno::fault) << call;
    EXPECT_EQ(guest_.call(call, 3, 64, ~0u), Errno::fault) << call;
  }
  EXPECT_EQ(stat("x", 0, 99), Errno::badf);
  EXPECT_EQ(stat("x", 0, file), Errno::notdir);
}

TEST_F(PathCallsTest, EachNeedsItsRight) {
  guest_.drop_rights(3, kDirectoryRights);
  EXPECT_EQ(mkdir("x"), Errno::perm);
  EXPECT_EQ(at("path_remove_directory", "x"), Errno::perm);
  EXPECT_EQ(at("path_unlink_file", "file"), Errno::perm);
  EXPECT_EQ(stat("file"), Errno::perm);
  EXPECT_EQ(set_times("file", 1, fstflag::mtim), Errno::perm);
  EXPECT_EQ(link("file", "x"), Errno::perm);
  EXPECT_EQ(two("path_rename", "file", "x"), Errno::perm);
  EXPECT_EQ(symlink("file", "x"), Errno::perm);
  EXPECT_EQ(guest_.call("path_readlink", 3, guest_.put("x"), 1, 64, 4, 64), Errno::perm);
}

TEST(PathCallsProfile, WasixTakesAbsolutePathsAsFromTheRoot) {
  Guest guest({.profile = kWasix});
  guest.directory.write("file", "x");
  const auto out = guest.room(sizeof(GuestFilestat));
  EXPECT_EQ(guest.call("path_filestat_get", 3, 0, guest.put("/file"), 5, out), Errno::success);
  EXPECT_EQ(guest.call("path_filestat_get", 3, 0, guest.put("//"), 2, out), Errno::success);
}

}  // namespace
}  // namespace brink::wasi::testing
