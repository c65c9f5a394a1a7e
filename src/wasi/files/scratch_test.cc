#include "wasi/files/scratch.h"

#include <sys/wait.h>

#include <thread>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::FileSpaceTest;
using testing::put;
using testing::why;
using testing::write_text;
namespace fs = testing::fs;

class ScratchTest : public FileSpaceTest {
 protected:
  OpenFile file(std::string_view path, OpenOptions options = {.write = true, .create = true}) {
    auto opened = open(path, options);
    BRINK_CHECK(opened.has_value());
    return std::get<OpenFile>(std::move(*opened));
  }
  std::uint64_t bytes() { return space().scratch()->bytes(); }
  std::uint64_t inodes() { return space().scratch()->inodes(); }
  [[nodiscard]] fs::path own_home() const { return host_ / "scratch" / home_->name(); }
};

TEST_F(ScratchTest, ComesIntoBeingAtTheFirstName) {
  FileSpace& guest = space();
  EXPECT_EQ(why(guest.stat(root(), "tmp", Follow::yes)), Errno::success);
  EXPECT_EQ(content("tmp/x"), error(Errno::noent));
  EXPECT_EQ(why(guest.unlink(root(), "tmp/x")), Errno::noent);
  EXPECT_EQ(why(guest.rename(root(), "tmp/x", root(), "tmp/y")), Errno::noent);
  const Directory tmp = directory("tmp");
  EXPECT_EQ(guest.scratch(), nullptr);
  EXPECT_TRUE(fs::is_empty(own_home()));
  EXPECT_EQ(why(guest.mkdir(tmp, "dir")), Errno::success);
  EXPECT_NE(guest.scratch(), nullptr);
  EXPECT_EQ(create("tmp/dir/x", "y"), Errno::success);
  EXPECT_EQ(content(tmp, "dir/x"), "y");
}

TEST_F(ScratchTest, IsOfOneInstanceAndGoesWithIt) {
  space();
  ASSERT_EQ(create("tmp/x", "mine"), Errno::success);
  {
    FileSpace other(*tree_, home_.get(), {}, PathRules::capability);
    EXPECT_EQ(why(other.open(root(), "tmp/x", {.read = true})), Errno::noent);
    EXPECT_EQ(why(other.mkdir(root(), "tmp/d")), Errno::success);
    EXPECT_EQ(std::distance(fs::directory_iterator(own_home()), {}), 2);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(own_home()), {}), 1);
  space_.reset();
  EXPECT_TRUE(fs::is_empty(own_home()));
}

TEST_F(ScratchTest, WithoutAHomeItIsReadOnly) {
  space();
  FileSpace none(*tree_, nullptr, {}, PathRules::capability);
  EXPECT_EQ(why(none.mkdir(root(), "tmp/d")), Errno::rofs);
  EXPECT_EQ(why(none.open(root(), "tmp/d", {.write = true, .create = true})), Errno::rofs);
}

TEST_F(ScratchTest, OverwritingDoesNotCountTwice) {
  space();
  OpenFile opened = file("tmp/x");
  ASSERT_TRUE(write_text(opened, "0123456789"));
  EXPECT_EQ(bytes(), 10U);
  ASSERT_TRUE(opened.seek(5, Whence::set));
  ASSERT_TRUE(write_text(opened, "0123456789"));
  EXPECT_EQ(bytes(), 15U);
  ASSERT_TRUE(opened.truncate(3));
  EXPECT_EQ(bytes(), 3U);
  ASSERT_TRUE(opened.allocate(0, 20));
  EXPECT_EQ(bytes(), 20U);
  EXPECT_EQ(why(open("tmp/x", {.write = true, .truncate = true})), Errno::success);
  EXPECT_EQ(bytes(), 0U);
}

TEST_F(ScratchTest, AFullScratchDirectoryIsLikeAFullDisk) {
  space(PathRules::capability, {.bytes = 10_B, .inodes = 100});
  OpenFile opened = file("tmp/x");
  EXPECT_EQ(*write_text(opened, "0123456"), 7U);
  EXPECT_EQ(*write_text(opened, "789AB"), 3U);
  EXPECT_EQ(why(write_text(opened, "C")), Errno::nospc);
  EXPECT_EQ(why(opened.truncate(11)), Errno::nospc);
  EXPECT_EQ(why(opened.allocate(5, 6)), Errno::nospc);
  std::string text = "xyz";
  const iovec piece{.iov_base = text.data(), .iov_len = 3};
  EXPECT_EQ(*opened.pwrite(testing::one(piece), 2), 3U);
  EXPECT_EQ(*opened.pwrite(testing::one(piece), 9), 1U);
  EXPECT_EQ(why(opened.pwrite(testing::one(piece), std::uint64_t{1} << 62)), Errno::nospc);
  EXPECT_EQ(why(opened.pwrite(testing::one(piece), INT64_MAX)), Errno::nospc);
  EXPECT_EQ(why(space().symlink("target", root(), "tmp/link")), Errno::nospc);
  EXPECT_EQ(bytes(), 10U);
  ASSERT_TRUE(opened.truncate(0));
  EXPECT_EQ(why(space().symlink("target", root(), "tmp/link")), Errno::success);
  EXPECT_EQ(bytes(), 6U);
}

TEST_F(ScratchTest, SpaceComesBackWithTheLastNameAndHandle) {
  space();
  OpenFile first = file("tmp/x");
  OpenFile second = file("tmp/x");
  ASSERT_TRUE(write_text(first, "0123456789"));
  ASSERT_EQ(why(space().link(root(), "tmp/x", Follow::no, root(), "tmp/y")), Errno::success);
  EXPECT_EQ(inodes(), 1U);
  EXPECT_EQ(why(space().unlink(root(), "tmp/x")), Errno::success);
  EXPECT_EQ(why(space().unlink(root(), "tmp/y")), Errno::success);
  EXPECT_EQ(bytes(), 10U);
  ASSERT_TRUE(write_text(second, "0123456789AB"));
  EXPECT_EQ(bytes(), 12U);
  first = file("tmp/z");
  EXPECT_EQ(bytes(), 12U);
  EXPECT_EQ(inodes(), 2U);
  second = std::move(first);
  EXPECT_EQ(bytes(), 0U);
  EXPECT_EQ(inodes(), 1U);
}

TEST_F(ScratchTest, ReplacedAndRemovedNamesComeBack) {
  space();
  ASSERT_EQ(create("tmp/a", "12345"), Errno::success);
  ASSERT_EQ(create("tmp/b", "123"), Errno::success);
  ASSERT_EQ(why(space().mkdir(root(), "tmp/d")), Errno::success);
  EXPECT_EQ(bytes(), 8U);
  EXPECT_EQ(inodes(), 3U);
  EXPECT_EQ(why(space().rename(root(), "tmp/a", root(), "tmp/b")), Errno::success);
  EXPECT_EQ(bytes(), 5U);
  EXPECT_EQ(why(space().rmdir(root(), "tmp/d")), Errno::success);
  EXPECT_EQ(inodes(), 1U);
  ASSERT_EQ(why(space().link(root(), "tmp/b", Follow::no, root(), "tmp/c")), Errno::success);
  EXPECT_EQ(why(space().rename(root(), "tmp/b", root(), "tmp/c")), Errno::success);
  EXPECT_EQ(bytes(), 5U);
  EXPECT_EQ(why(space().unlink(root(), "tmp/b")), Errno::success);
  EXPECT_EQ(why(space().unlink(root(), "tmp/c")), Errno::success);
  EXPECT_EQ(bytes() + inodes(), 0U);
}

TEST_F(ScratchTest, CountsInodesOfEveryKind) {
  space(PathRules::capability, {.bytes = 1_KiB, .inodes = 3});
  EXPECT_EQ(create("tmp/file"), Errno::success);
  EXPECT_EQ(why(space().mkdir(root(), "tmp/dir")), Errno::success);
  EXPECT_EQ(why(space().symlink("file", root(), "tmp/link")), Errno::success);
  EXPECT_EQ(create("tmp/file2"), Errno::nospc);
  EXPECT_EQ(why(space().mkdir(root(), "tmp/dir2")), Errno::nospc);
  EXPECT_EQ(why(space().symlink("f", root(), "tmp/link2")), Errno::nospc);
  EXPECT_EQ(bytes(), 4U);
  EXPECT_EQ(create("tmp/file", "still writable"), Errno::success);
  const OpenOptions exclusive{.write = true, .create = true, .exclusive = true};
  EXPECT_EQ(why(open("tmp/file", exclusive)), Errno::exist);
  EXPECT_EQ(why(space().unlink(root(), "tmp/link")), Errno::success);
  EXPECT_EQ(create("tmp/file2"), Errno::success);
}

/// Whether a name exists outside must not show through a full scratch directory.
TEST_F(ScratchTest, AFullDirectoryTellsNothingAboutTheHost) {
  space(PathRules::capability, {.bytes = 1_KiB, .inodes = 1});
  ASSERT_EQ(why(space().symlink("../../../..", root(), "tmp/up")), Errno::success);
  const OpenOptions exclusive{.write = true, .create = true, .exclusive = true};
  EXPECT_EQ(why(open("tmp/up/outside/secret", exclusive)), Errno::perm);
  EXPECT_EQ(why(open("tmp/up/outside/none", exclusive)), Errno::perm);
}

TEST_F(ScratchTest, ConcurrentWritersNeverExceedTheQuota) {
  space(PathRules::capability, {.bytes = 1000_B, .inodes = 10});
  OpenFile first = file("tmp/a", {.write = true, .create = true, .append = true});
  OpenFile second = file("tmp/b");
  const auto fill = [](OpenFile& to) {
    for (int i = 0; i < 200; ++i) static_cast<void>(write_text(to, "0123456789"));
  };
  std::thread other([&] { fill(first); });
  fill(second);
  other.join();
  EXPECT_EQ(bytes(), 1000U);
  EXPECT_EQ(first.stat()->size + second.stat()->size, 1000U);
}

TEST_F(ScratchTest, DeepTreesAreRemovedWithoutDescendingIntoLinks) {
  put(outside_ / "kept", "x");
  {
    FileSpace& guest = space();
    ASSERT_EQ(create("tmp/x"), Errno::success);
    Directory at = directory("tmp");
    for (int i = 0; i < 200; ++i) {
      ASSERT_EQ(why(guest.mkdir(at, "d")), Errno::success);
      ASSERT_EQ(why(guest.symlink("../../../../outside", at, "l")), Errno::success);
      auto next = guest.open(at, "d", {.read = true, .directory = true});
      ASSERT_TRUE(next);
      at = std::get<Directory>(std::move(*next));
    }
  }
  space_.reset();
  home_->tidy(10'000);
  EXPECT_EQ(home_->waiting(), 0U);
  EXPECT_TRUE(fs::is_empty(own_home()));
  EXPECT_TRUE(fs::exists(outside_ / "kept"));
}

TEST_F(ScratchTest, LargeTreesAreRemovedInPortions) {
  space();
  for (int i = 0; i < 600; ++i) ASSERT_EQ(create("tmp/" + std::to_string(i)), Errno::success);
  space_.reset();
  EXPECT_EQ(home_->waiting(), 1U);
  int portions = 0;
  for (; home_->waiting() > 0; ++portions) home_->tidy(100);
  EXPECT_GE(portions, 3);
  EXPECT_TRUE(fs::is_empty(own_home()));
}

TEST_F(ScratchTest, SweepRemovesWhatAKilledProcessLeftAndNothingElse) {
  space();
  ASSERT_EQ(create("tmp/mine", "x"), Errno::success);
  put(host_ / "scratch/not-ours/file", "x");
  const UniqueFd base = testing::open_host_directory(host_ / "scratch");
  const pid_t child = ::fork();
  if (child == 0) {
    auto home = ScratchHome::create(base.get());
    FileSpace guest(*tree_, &*home, {}, PathRules::capability);
    static_cast<void>(guest.mkdir(root(), "tmp/left"));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(std::distance(fs::directory_iterator(host_ / "scratch"), {}), 3);
  EXPECT_EQ(*sweep(base.get()), 1U);
  EXPECT_EQ(*sweep(base.get()), 0U);
  EXPECT_EQ(content("tmp/mine"), "x");
  EXPECT_TRUE(fs::exists(host_ / "scratch/not-ours/file"));
}

TEST_F(ScratchTest, AForkOfTheProcessRemovesNothing) {
  space();
  ASSERT_EQ(create("tmp/mine", "x"), Errno::success);
  const pid_t child = ::fork();
  if (child == 0) {
    space_.reset();
    home_.reset();
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(content("tmp/mine"), "x");
}

}  // namespace
}  // namespace brink::wasi::files
