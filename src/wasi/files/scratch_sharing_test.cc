// One scratch directory in several processes, as a guest that forks has it.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <thread>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::FileSpaceTest;
using testing::put;
using testing::why;
using testing::write_text;
namespace fs = testing::fs;

class ScratchSharingTest : public FileSpaceTest {
 protected:
  void SetUp() override {
    FileSpaceTest::SetUp();
    put(host_ / "package/file", "package");
    mount("/", host_ / "package", Access::read_only, Origin::package);
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BRINK_CHECK(page != MAP_FAILED);
    counters_ = new (page) QuotaCounters;
    start({.bytes = 1000_B, .inodes = 100});
  }
  void TearDown() override {
    space_.reset();
    counters_->~QuotaCounters();
    ::munmap(counters_, 4096);
  }
  void start(QuotaLimits limits) {
    space(PathRules::rooted);
    space_ = std::make_unique<FileSpace>(*tree_, home_.get(), limits, PathRules::rooted, counters_);
    BRINK_CHECK(space_->require_scratch().has_value());
  }
  /// Runs `body` in a fork of the process, to its end.
  template <class Body>
  void in_child(const Body& body) {
    const pid_t child = ::fork();
    if (child == 0) {
      body();
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
  }
  OpenFile file(std::string_view path) {
    auto opened = open(path, {.read = true, .write = true, .create = true});
    BRINK_CHECK(opened.has_value());
    return std::get<OpenFile>(std::move(*opened));
  }

  QuotaCounters* counters_ = nullptr;
};

TEST_F(ScratchSharingTest, NamesAndCountsAreTheSameInAll) {
  in_child([&] {
    static_cast<void>(create("new", "12345"));
    static_cast<void>(space().unlink(root(), "file"));
  });
  EXPECT_EQ(content("new"), "12345");
  EXPECT_EQ(content("file"), error(Errno::noent));
  EXPECT_EQ(space().scratch()->bytes(), 5U);
  EXPECT_EQ(space().scratch()->inodes(), 2U);
}

TEST_F(ScratchSharingTest, AFileThatAnotherProcessHasOpenStaysCounted) {
  std::array<int, 2> ready{};
  std::array<int, 2> done{};
  ASSERT_EQ(::pipe(ready.data()) + ::pipe(done.data()), 0);
  const pid_t child = ::fork();
  char byte = 0;
  if (child == 0) {
    OpenFile held = file("held");
    static_cast<void>(write_text(held, "0123456789"));
    static_cast<void>(::write(ready[1], "x", 1));
    static_cast<void>(::read(done[0], &byte, 1));
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(why(space().unlink(root(), "held")), Errno::success);
  EXPECT_EQ(content("held"), error(Errno::noent));
  EXPECT_EQ(space().scratch()->bytes(), 10U);
  EXPECT_EQ(counters_->orphans.load(), 1U);
  ASSERT_EQ(::write(done[1], "x", 1), 1);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  // It was killed, so nobody closed it: found when there is no other space.
  EXPECT_EQ(create("large", std::string(995, 'x')), Errno::success);
  EXPECT_EQ(space().stat(root(), "large", Follow::no)->size, 995U);
  EXPECT_EQ(counters_->orphans.load(), 0U);
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
}

TEST_F(ScratchSharingTest, AnInheritedHandleKeepsItsFileCounted) {
  OpenFile held = file("held");
  ASSERT_TRUE(write_text(held, "0123456789"));
  in_child([&] { static_cast<void>(space().unlink(root(), "held")); });
  EXPECT_EQ(space().scratch()->bytes(), 10U);
  EXPECT_EQ(held.stat()->nlink, 0U);
  ASSERT_TRUE(write_text(held, "more"));
  EXPECT_EQ(space().scratch()->bytes(), 14U);
  {
    const OpenFile closed = std::move(held);
  }
  EXPECT_EQ(space().scratch()->bytes(), 0U);
  EXPECT_EQ(space().scratch()->inodes(), 0U);
}

TEST_F(ScratchSharingTest, AProcessKilledInTheMiddleLeavesTheLockToTheOthers) {
  in_child([&] {
    counters_->mutex.lock();
    ::raise(SIGKILL);
  });
  EXPECT_EQ(create("after", "x"), Errno::success);
}

TEST_F(ScratchSharingTest, TwoProcessesNeverExceedTheQuota) {
  const pid_t child = ::fork();
  const auto fill = [&](std::string_view name) {
    OpenFile to = file(name);
    for (int i = 0; i < 200; ++i) static_cast<void>(write_text(to, "0123456789"));
  };
  if (child == 0) {
    fill("b");
    ::_exit(0);
  }
  fill("a");
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(
      space().stat(root(), "a", Follow::no)->size + space().stat(root(), "b", Follow::no)->size,
      1000U);
  EXPECT_EQ(space().scratch()->bytes(), 1000U);
}

/// A thread that copies, removes and makes the same name again beside one that
/// looks: it is there or not, with the old or new content, and never the package's
/// after it was removed once.
TEST_F(ScratchSharingTest, ANameThatWasRemovedNeverShowsThePackagesFile) {
  ASSERT_EQ(why(space().unlink(root(), "file")), Errno::success);
  std::thread changing([&] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_EQ(create("file", "own"), Errno::success);
      EXPECT_EQ(create("other", "own"), Errno::success);
      EXPECT_EQ(why(space().rename(root(), "other", root(), "file")), Errno::success);
      EXPECT_EQ(why(space().unlink(root(), "file")), Errno::success);
    }
  });
  for (int i = 0; i < 2000; ++i) EXPECT_NE(content("file"), "package");
  changing.join();
}

TEST_F(ScratchSharingTest, ReplacingAFileIsAtomic) {
  std::thread changing([&] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_EQ(create("next", "own"), Errno::success);
      EXPECT_EQ(why(space().rename(root(), "next", root(), "file")), Errno::success);
    }
  });
  for (int i = 0; i < 2000; ++i) {
    EXPECT_TRUE(space().stat(root(), "file", Follow::no).has_value());
  }
  changing.join();
}

}  // namespace
}  // namespace brink::wasi::files
