#include <gmock/gmock.h>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::FileSpaceTest;
using testing::put;
using testing::why;
namespace fs = testing::fs;

class NamesTest : public FileSpaceTest {
 protected:
  void SetUp() override {
    FileSpaceTest::SetUp();
    put(root_ / "file", "x");
    put(root_ / "full/file", "y");
    fs::create_directory(root_ / "dir");
    fs::create_symlink("dir", root_ / "link");
    fs::create_symlink("missing", root_ / "dangling");
    put(host_ / "package/file", "p");
    fs::create_directory(host_ / "package/dir");
    mount("/package", host_ / "package", Access::read_write, Origin::package);
    mount("/other", host_ / "other");
  }

  Errno rename(std::string_view from, std::string_view to) {
    return why(space().rename(root(), from, root(), to));
  }
  Errno link(std::string_view from, std::string_view to, Follow follow = Follow::no) {
    return why(space().link(root(), from, follow, root(), to));
  }
  Errno mkdir(std::string_view path) { return why(space().mkdir(root(), path)); }
  Errno rmdir(std::string_view path) { return why(space().rmdir(root(), path)); }
  Errno unlink(std::string_view path) { return why(space().unlink(root(), path)); }
  Errno symlink(std::string_view text, std::string_view path) {
    return why(space().symlink(text, root(), path));
  }
};

TEST_F(NamesTest, MkdirMakesDirectoriesOnce) {
  space();
  EXPECT_EQ(mkdir("new"), Errno::success);
  EXPECT_EQ(mkdir("new"), Errno::exist);
  EXPECT_EQ(mkdir("slash/"), Errno::success);
  EXPECT_EQ(mkdir("new/../new2///"), Errno::success);
  EXPECT_EQ(mkdir("link/inner"), Errno::success);
  EXPECT_TRUE(fs::is_directory(root_ / "dir/inner"));
  EXPECT_EQ(mkdir("file"), Errno::exist);
  EXPECT_EQ(mkdir("dangling"), Errno::exist);
  EXPECT_EQ(mkdir("."), Errno::exist);
  EXPECT_EQ(mkdir("missing/x"), Errno::noent);
  EXPECT_EQ(mkdir("file/x"), Errno::notdir);
}

TEST_F(NamesTest, RmdirTakesEmptyDirectoriesOnly) {
  space();
  EXPECT_EQ(rmdir("full"), Errno::notempty);
  EXPECT_EQ(rmdir("file"), Errno::notdir);
  EXPECT_EQ(rmdir("file/"), Errno::notdir);
  EXPECT_EQ(rmdir("link"), Errno::notdir);
  EXPECT_EQ(rmdir("link/"), Errno::notdir);
  EXPECT_EQ(rmdir("missing"), Errno::noent);
  EXPECT_EQ(rmdir("dir/."), Errno::inval);
  EXPECT_EQ(rmdir("dir/"), Errno::success);
}

TEST_F(NamesTest, UnlinkTakesAnythingButDirectories) {
  space();
  EXPECT_EQ(unlink("dir"), Errno::isdir);
  EXPECT_EQ(unlink("dir/"), Errno::isdir);
  EXPECT_EQ(unlink("."), Errno::isdir);
  EXPECT_EQ(unlink("file/"), Errno::notdir);
  EXPECT_EQ(unlink("link/"), Errno::notdir);
  EXPECT_EQ(unlink("missing"), Errno::noent);
  EXPECT_EQ(unlink("link"), Errno::success);
  EXPECT_EQ(unlink("dangling"), Errno::success);
  EXPECT_EQ(unlink("file"), Errno::success);
  EXPECT_TRUE(fs::exists(root_ / "dir"));
}

TEST_F(NamesTest, RenameReplacesLikeWithLike) {
  space();
  EXPECT_EQ(rename("file", "dir"), Errno::isdir);
  EXPECT_EQ(rename("dir", "file"), Errno::notdir);
  EXPECT_EQ(rename("dir", "full"), Errno::notempty);
  EXPECT_EQ(rename("full", "dir"), Errno::success);
  EXPECT_EQ(content("dir/file"), "y");
  EXPECT_EQ(rename("file", "link"), Errno::success);
  EXPECT_EQ(content("link"), "x");
  EXPECT_EQ(rename("dir", "dir/inside"), Errno::inval);
  EXPECT_EQ(rename("missing", "x"), Errno::noent);
  EXPECT_EQ(rename(".", "x"), Errno::busy);
}

TEST_F(NamesTest, RenameHonoursTrailingSlashes) {
  space();
  EXPECT_EQ(rename("file/", "new"), Errno::notdir);
  EXPECT_EQ(rename("file", "new/"), Errno::notdir);
  EXPECT_EQ(rename("file/", "new/"), Errno::notdir);
  EXPECT_EQ(rename("full/", "new"), Errno::success);
  EXPECT_EQ(rename("new", "newer/"), Errno::success);
  EXPECT_EQ(rename("newer/", "newest/"), Errno::success);
  EXPECT_EQ(content("newest/file"), "y");
}

TEST_F(NamesTest, NothingMovesFromOneLayerToAnother) {
  space();
  ASSERT_EQ(create("tmp/file", "t"), Errno::success);
  EXPECT_EQ(rename("file", "other/file"), Errno::xdev);
  EXPECT_EQ(rename("file", "tmp/x"), Errno::xdev);
  EXPECT_EQ(rename("tmp/file", "x"), Errno::xdev);
  EXPECT_EQ(link("file", "other/file"), Errno::xdev);
  EXPECT_EQ(link("tmp/file", "x"), Errno::xdev);
}

TEST_F(NamesTest, LinkSharesAFile) {
  space();
  EXPECT_EQ(link("file", "second"), Errno::success);
  EXPECT_EQ(space().stat(root(), "second", Follow::no)->nlink, 2U);
  EXPECT_EQ(link("file", "second"), Errno::exist);
  EXPECT_EQ(link("file", "dangling"), Errno::exist);
  EXPECT_EQ(link("dir", "dir2"), Errno::perm);
  EXPECT_EQ(link("file", "third/"), Errno::noent);
  EXPECT_EQ(link("file/", "third"), Errno::notdir);
  EXPECT_EQ(link("missing", "third"), Errno::noent);
  EXPECT_EQ(link("dangling", "third", Follow::yes), Errno::noent);
  EXPECT_EQ(link("dangling", "third", Follow::no), Errno::success);
  EXPECT_EQ(*space().readlink(root(), "third"), "missing");
}

TEST_F(NamesTest, SymlinkKeepsItsText) {
  space();
  EXPECT_EQ(symlink("../../any//thing", "s"), Errno::success);
  EXPECT_EQ(*space().readlink(root(), "s"), "../../any//thing");
  EXPECT_EQ(content("s"), error(Errno::perm));
  EXPECT_EQ(symlink("x", "s"), Errno::exist);
  EXPECT_EQ(symlink("x", "dir/"), Errno::exist);
  EXPECT_EQ(symlink("x", "s/"), Errno::exist);
  EXPECT_EQ(symlink("x", "file/"), Errno::notdir);
  EXPECT_EQ(symlink("x", "new/"), Errno::noent);
  EXPECT_EQ(symlink("", "new"), Errno::noent);
  EXPECT_EQ(symlink("/file", "new"), Errno::perm);
  EXPECT_EQ(symlink(std::string(4096, 'x'), "new"), Errno::nametoolong);
  EXPECT_EQ(why(space().readlink(root(), "file")), Errno::inval);
  EXPECT_EQ(why(space().readlink(root(), "dir/")), Errno::inval);
  EXPECT_EQ(why(space().readlink(root(), ".")), Errno::inval);
  EXPECT_EQ(why(space().readlink(root(), "none")), Errno::noent);
}

TEST_F(NamesTest, AReadOnlyVolumeKeepsItsNames) {
  put(host_ / "closed/file", "x");
  fs::create_directory(host_ / "closed/dir");
  mount("/closed", host_ / "closed", Access::read_only);
  space();
  EXPECT_EQ(mkdir("closed/new"), Errno::rofs);
  EXPECT_EQ(mkdir("closed/dir"), Errno::exist);
  EXPECT_EQ(rmdir("closed/dir"), Errno::rofs);
  EXPECT_EQ(rmdir("closed/none"), Errno::noent);
  EXPECT_EQ(unlink("closed/file"), Errno::rofs);
  EXPECT_EQ(unlink("closed/dir"), Errno::isdir);
  EXPECT_EQ(rename("closed/file", "closed/x"), Errno::rofs);
  EXPECT_EQ(rename("file", "closed/x"), Errno::rofs);
  EXPECT_EQ(link("closed/file", "closed/x"), Errno::rofs);
  EXPECT_EQ(symlink("x", "closed/x"), Errno::rofs);
  const Times now{{.kind = TimeChange::Kind::now}, {.kind = TimeChange::Kind::now}};
  EXPECT_EQ(why(space().set_times(root(), "closed/file", Follow::yes, now)), Errno::rofs);
  EXPECT_EQ(why(space().set_times(root(), "closed/none", Follow::yes, now)), Errno::noent);
}

TEST_F(NamesTest, SetTimesChangesWhatItIsToldTo) {
  space();
  const Times times{{.kind = TimeChange::Kind::set, .nanoseconds = 1'000'000'001},
                    {.kind = TimeChange::Kind::keep}};
  const auto before = space().stat(root(), "file", Follow::yes);
  EXPECT_EQ(why(space().set_times(root(), "file", Follow::yes, times)), Errno::success);
  const auto after = space().stat(root(), "file", Follow::yes);
  EXPECT_EQ(after->atim, 1'000'000'001U);
  EXPECT_EQ(after->mtim, before->mtim);
  EXPECT_EQ(why(space().set_times(root(), "file/", Follow::yes, times)), Errno::notdir);
  EXPECT_EQ(why(space().set_times(root(), "link", Follow::no, times)), Errno::success);
  EXPECT_NE(space().stat(root(), "dir", Follow::no)->atim, 1'000'000'001U);
  EXPECT_EQ(why(space().set_times(root(), "link", Follow::yes, times)), Errno::success);
  EXPECT_EQ(space().stat(root(), "dir", Follow::no)->atim, 1'000'000'001U);
  EXPECT_EQ(why(space().set_times(root(), times)), Errno::success);
  EXPECT_EQ(space().stat(root())->atim, 1'000'000'001U);
}

TEST_F(NamesTest, StatFollowsLinksAndTrailingSlashes) {
  FileSpace& guest = space();
  EXPECT_EQ(guest.stat(root(), "link", Follow::no)->type, FileType::symbolic_link);
  EXPECT_EQ(guest.stat(root(), "link", Follow::yes)->type, FileType::directory);
  EXPECT_EQ(guest.stat(root(), "link/", Follow::no)->type, FileType::directory);
  EXPECT_EQ(why(guest.stat(root(), "file/", Follow::no)), Errno::notdir);
  EXPECT_EQ(why(guest.stat(root(), "dangling", Follow::yes)), Errno::noent);
  EXPECT_EQ(guest.stat(root(), "dangling", Follow::no)->size, 7U);
  EXPECT_EQ(guest.stat(root(), "file", Follow::yes)->size, 1U);
  EXPECT_EQ(why(guest.stat(root(), "", Follow::yes)), Errno::noent);
}

}  // namespace
}  // namespace brink::wasi::files
