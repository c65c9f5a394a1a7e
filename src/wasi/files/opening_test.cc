#include "wasi/files/opening.h"

#include <gmock/gmock.h>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::FileSpaceTest;
using testing::put;
using testing::read_text;
using testing::why;
using testing::write_text;
namespace fs = testing::fs;

class OpeningTest : public FileSpaceTest {
 protected:
  void SetUp() override {
    FileSpaceTest::SetUp();
    put(root_ / "file", "content");
    put(root_ / "dir/file", "inner");
    fs::create_symlink("file", root_ / "link");
    fs::create_symlink("dir", root_ / "dirlink");
    fs::create_symlink("made-by-link", root_ / "dangling");
    put(host_ / "package/file", "p");
    fs::create_symlink("file", host_ / "package/link");
    mount("/package", host_ / "package", Access::read_only);
    space();
  }
};

TEST_F(OpeningTest, CreatesWhatIsMissing) {
  EXPECT_EQ(why(open("new", {.write = true})), Errno::noent);
  EXPECT_EQ(create("new", "1"), Errno::success);
  EXPECT_EQ(create("dirlink/new", "2"), Errno::success);
  EXPECT_EQ(content("dir/new"), "2");
  EXPECT_EQ(create("dangling", "3"), Errno::success);
  EXPECT_EQ(content("made-by-link"), "3");
  EXPECT_EQ(create("missing/new"), Errno::noent);
  EXPECT_EQ(create("new2/"), Errno::isdir);
  EXPECT_EQ(create("file/"), Errno::isdir);
  EXPECT_EQ(create("file/new"), Errno::notdir);
}

TEST_F(OpeningTest, ExclusiveMeansNothingIsThere) {
  const OpenOptions exclusive{.write = true, .create = true, .exclusive = true};
  for (const char* path : {"file", "link", "dangling", "dir", ".", "dev/null", "tmp",
                           "package/file", "package/link", "dir/../file"}) {
    EXPECT_EQ(why(open(path, exclusive)), Errno::exist) << path;
  }
  EXPECT_EQ(why(open("fresh", exclusive)), Errno::success);
  EXPECT_EQ(why(open("tmp/fresh", exclusive)), Errno::success);
  EXPECT_EQ(why(open("tmp/fresh", exclusive)), Errno::exist);
  EXPECT_EQ(why(open("package/fresh", exclusive)), Errno::rofs);
}

TEST_F(OpeningTest, TruncatesOnlyWhenAsked) {
  {
    auto opened = open("file", {.write = true});
  }
  EXPECT_EQ(content("file"), "content");
  EXPECT_EQ(why(open("file", {.read = true, .truncate = true})), Errno::success);
  EXPECT_EQ(content("file"), "");
}

TEST_F(OpeningTest, LinksAreFollowedOnlyWhenAsked) {
  EXPECT_EQ(content("link"), "content");
  EXPECT_EQ(why(open("link", {.read = true, .follow = Follow::no})), Errno::loop);
  EXPECT_EQ(why(open("dirlink", {.read = true, .directory = true, .follow = Follow::no})),
            Errno::loop);
  EXPECT_EQ(why(open("dirlink/", {.read = true, .directory = true, .follow = Follow::no})),
            Errno::success);
  EXPECT_EQ(why(open("dirlink/file", {.read = true, .follow = Follow::no})), Errno::success);
}

TEST_F(OpeningTest, DirectoriesAndFilesAreNotConfused) {
  EXPECT_EQ(why(open("file", {.read = true, .directory = true})), Errno::notdir);
  EXPECT_EQ(why(open("dir", {.read = true, .write = true})), Errno::isdir);
  EXPECT_EQ(why(open("dir", {.read = true, .truncate = true})), Errno::isdir);
  EXPECT_EQ(why(open(".", {.write = true})), Errno::isdir);
  EXPECT_EQ(why(open("package", {.write = true})), Errno::isdir);
  EXPECT_EQ(why(open("tmp", {.write = true})), Errno::isdir);
  EXPECT_TRUE(std::holds_alternative<Directory>(*open("dir", {.read = true})));
  EXPECT_TRUE(std::holds_alternative<Directory>(
      *open("dir/", {.read = true, .write = true, .directory = true})));
  EXPECT_EQ(why(open("dir", {.create = true, .directory = true})), Errno::inval);
}

TEST_F(OpeningTest, ADirectoryKnowsWhereItIs) {
  EXPECT_EQ(directory("dirlink").path(), "/dir");
  EXPECT_EQ(directory("./dir/../dir/.").path(), "/dir");
  EXPECT_EQ(directory(".").path(), "/");
  EXPECT_EQ(directory("tmp").path(), "/tmp");
}

TEST_F(OpeningTest, AnOpenDirectoryFollowsItsInode) {
  const Directory dir = directory("dir");
  fs::rename(root_ / "dir", root_ / "moved");
  EXPECT_EQ(content(dir, "file"), "inner");
  EXPECT_EQ(content(dir, "../moved/file"), error(Errno::perm));
}

TEST_F(OpeningTest, AReadOnlyLayerCanOnlyBeRead) {
  EXPECT_EQ(content("package/file"), "p");
  EXPECT_EQ(why(open("package/file", {.read = true, .create = true})), Errno::success);
  EXPECT_EQ(why(open("package/file", {.write = true})), Errno::rofs);
  EXPECT_EQ(why(open("package/link", {.write = true})), Errno::rofs);
  EXPECT_EQ(why(open("package/file", {.read = true, .truncate = true})), Errno::rofs);
  EXPECT_EQ(why(open("package/new", {.write = true, .create = true})), Errno::rofs);
  EXPECT_EQ(why(open("package/new", {.write = true})), Errno::noent);
  EXPECT_EQ(testing::fs::file_size(host_ / "package/file"), 1U);
  auto opened = open("package/file", {.read = true});
  EXPECT_EQ(why(write_text(std::get<OpenFile>(*opened), "x")), Errno::badf);
  EXPECT_EQ(why(std::get<OpenFile>(*opened).set_times({{.kind = TimeChange::Kind::now}, {}})),
            Errno::rofs);
}

TEST_F(OpeningTest, PathsAreCheckedFirst) {
  using namespace std::string_view_literals;
  EXPECT_EQ(why(open("")), Errno::noent);
  EXPECT_EQ(why(open("file\0"sv)), Errno::inval);
  EXPECT_EQ(why(open("fi\xFFle")), Errno::ilseq);
  EXPECT_EQ(why(open(std::string(256, 'a'))), Errno::nametoolong);
  EXPECT_EQ(why(open(std::string(4096, '/'))), Errno::nametoolong);
}

TEST_F(OpeningTest, LinksLeadOutOfScratchAndBack) {
  ASSERT_EQ(create("tmp/file", "scratch"), Errno::success);
  ASSERT_EQ(why(space().symlink("../file", root(), "tmp/out")), Errno::success);
  ASSERT_EQ(why(space().symlink("../package/file", root(), "tmp/package")), Errno::success);
  fs::create_symlink("tmp/file", root_ / "into");
  const std::uint64_t before = space().scratch()->bytes();
  EXPECT_EQ(create("tmp/out", "a longer text than before"), Errno::success);
  EXPECT_EQ(content("file"), "a longer text than before");
  EXPECT_EQ(content("tmp/package"), "p");
  EXPECT_EQ(why(open("tmp/package", {.write = true, .create = true})), Errno::rofs);
  EXPECT_EQ(space().scratch()->bytes(), before);
  EXPECT_EQ(create("into", "12"), Errno::success);
  EXPECT_EQ(content("tmp/file"), "12");
}

}  // namespace
}  // namespace brink::wasi::files
