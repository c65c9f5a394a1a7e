#include "wasi/files/walk.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <string>
#include <thread>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::FileSpaceTest;
using testing::put;
using testing::why;
namespace fs = testing::fs;

class WalkTest : public FileSpaceTest {
 protected:
  void SetUp() override {
    FileSpaceTest::SetUp();
    put(root_ / "file", "root file");
    put(root_ / "a/b/c/file", "deep");
    put(root_ / "a/file", "a file");
  }
};

TEST_F(WalkTest, FindsFilesByEverySpellingOfTheirPath) {
  space();
  for (const char* path : {"a/b/c/file", "a//b/./c/file", "./a/b/c/file", "a/b/../b/c/file",
                           "a/b/c/../../../a/b/c/file", "a/./b/c/.././c/file", ".//a/b/c//file"}) {
    EXPECT_EQ(content(path), "deep") << path;
  }
  EXPECT_EQ(content("a/b/.."), "no file");
  EXPECT_EQ(content("a/missing/../file"), error(Errno::noent));
  EXPECT_EQ(content("a/file/../file"), error(Errno::notdir));
  EXPECT_EQ(content("file/"), error(Errno::notdir));
  EXPECT_EQ(content("file/."), error(Errno::notdir));
  EXPECT_EQ(content("file//x"), error(Errno::notdir));
}

TEST_F(WalkTest, CapabilityRulesNeverLeadAboveTheDirectory) {
  space();
  for (const char* path : {"..", "../outside/secret", "a/../../outside/secret", "a/b/../../..",
                           "../root/file", "./..", "a/./../.."}) {
    EXPECT_EQ(content(path), error(Errno::perm)) << path;
  }
  const Directory a = directory("a");
  EXPECT_EQ(content(a, "file"), "a file");
  EXPECT_EQ(content(a, "b/../file"), "a file");
  EXPECT_EQ(content(a, "../file"), error(Errno::perm));
  EXPECT_EQ(content(a, "b/../../file"), error(Errno::perm));
  EXPECT_EQ(content(a, "/file"), error(Errno::perm));
}

TEST_F(WalkTest, RootedRulesStopAtTheRootAsInAChroot) {
  space(PathRules::rooted);
  EXPECT_EQ(content("/file"), "root file");
  EXPECT_EQ(content("//file"), "root file");
  EXPECT_EQ(content("/../../file"), "root file");
  EXPECT_EQ(content("../outside/secret"), error(Errno::noent));
  const Directory c = directory("a/b/c");
  EXPECT_EQ(content(c, "../../file"), "a file");
  EXPECT_EQ(content(c, "../../../file"), "root file");
  EXPECT_EQ(content(c, "../../../../../file"), "root file");
  EXPECT_EQ(content(c, "/a/file"), "a file");
  EXPECT_EQ(content(c, "../.."), "no file");
  EXPECT_EQ(content(c, "../../missing"), error(Errno::noent));
}

TEST_F(WalkTest, RelativeLinksStayInTheSandbox) {
  fs::create_symlink("a/b", root_ / "to-b");
  fs::create_symlink("../file", root_ / "a/up");
  fs::create_symlink("../outside/secret", root_ / "out");
  fs::create_symlink("../../outside", root_ / "a/out");
  space();
  EXPECT_EQ(content("to-b/c/file"), "deep");
  EXPECT_EQ(content("to-b/../file"), "a file");
  EXPECT_EQ(content("a/up"), "root file");
  EXPECT_EQ(content("out"), error(Errno::perm));
  EXPECT_EQ(content("a/out/secret"), error(Errno::perm));
  EXPECT_EQ(content(directory("a"), "up"), error(Errno::perm));
}

TEST_F(WalkTest, AbsoluteLinksAreRefusedOrMeanTheGuestsRoot) {
  fs::create_symlink("/file", root_ / "a/abs");
  fs::create_symlink("/a", root_ / "abs-dir");
  fs::create_symlink(outside_ / "secret", root_ / "secret");
  space();
  EXPECT_EQ(content("a/abs"), error(Errno::perm));
  EXPECT_EQ(content("abs-dir/file"), error(Errno::perm));
  EXPECT_EQ(why(space().readlink(root(), "a/abs")), Errno::perm);

  FileSpace posix(*tree_, home_.get(), {}, PathRules::rooted);
  const auto read = [&](std::string_view path) {
    auto opened = posix.open(root(), path, {.read = true});
    return opened ? testing::read_text(std::get<OpenFile>(*opened)) : error(opened.error());
  };
  EXPECT_EQ(read("a/abs"), "root file");
  EXPECT_EQ(read("abs-dir/file"), "a file");
  EXPECT_EQ(read("secret"), error(Errno::noent));
  EXPECT_EQ(*posix.readlink(root(), "a/abs"), "/file");
}

TEST_F(WalkTest, FollowsFortyLinksAndNoMore) {
  fs::create_symlink("file", root_ / "link1");
  for (int i = 2; i <= 41; ++i) {
    fs::create_symlink("link" + std::to_string(i - 1), root_ / ("link" + std::to_string(i)));
  }
  fs::create_symlink("loop", root_ / "loop");
  fs::create_symlink("pong/x", root_ / "ping");
  fs::create_symlink("ping/x", root_ / "pong");
  space();
  EXPECT_EQ(content("link40"), "root file");
  EXPECT_EQ(content("link41"), error(Errno::loop));
  EXPECT_EQ(content("loop"), error(Errno::loop));
  EXPECT_EQ(content("loop/x"), error(Errno::loop));
  EXPECT_EQ(content("ping"), error(Errno::loop));
}

TEST_F(WalkTest, BoundsWhatLinksCanUnfoldTo) {
  std::string text = "a/..";
  while (text.size() < 3000) text += "/a/..";
  fs::create_symlink(text, root_ / "long");
  space();
  EXPECT_EQ(content("long/file"), "root file");
  EXPECT_EQ(content("long/" + std::string(1200, '.')), error(Errno::nametoolong));
  EXPECT_EQ(content("long/long/long/long/long/long/long/long/file"), error(Errno::nametoolong));
}

TEST_F(WalkTest, OpensNothingButFilesAndDirectories) {
  ASSERT_EQ(::mkfifo((root_ / "fifo").c_str(), 0600), 0);
  const UniqueFd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = root_ / "socket";
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  space();
  for (const char* path : {"fifo", "socket"}) {
    EXPECT_EQ(why(open(path, {.read = true})), Errno::nxio) << path;
    EXPECT_EQ(why(open(path, {.write = true})), Errno::nxio) << path;
    EXPECT_EQ(why(open(path, {.read = true, .write = true})), Errno::nxio) << path;
  }
  EXPECT_EQ(space().stat(root(), "socket", Follow::no)->type, FileType::socket_stream);
}

/// Another process swaps a directory for a link that leads outside, all the time.
TEST_F(WalkTest, ARaceBetweenDirectoryAndLinkNeverLeadsOut) {
  put(root_ / "real/secret", "mine");
  put(outside_ / "victim", "alive");
  fs::create_symlink("../outside", root_ / "evil");
  fs::rename(root_ / "real", root_ / "swap");
  std::atomic<bool> stop = false;
  std::thread racer([&] {
    while (!stop) {
      ::renameat2(AT_FDCWD, (root_ / "swap").c_str(), AT_FDCWD, (root_ / "evil").c_str(),
                  RENAME_EXCHANGE);
    }
  });
  FileSpace& guest = space(PathRules::rooted);
  int mine = 0;
  for (int i = 0; i < 3000; ++i) {
    const char* path = i % 2 == 0 ? "swap/secret" : "a/../swap/./secret";
    const std::string found = content(path);
    EXPECT_TRUE(found == "mine" || found.starts_with("error")) << found;
    mine += found == "mine" ? 1 : 0;
    if (const auto stat = guest.stat(root(), path, Follow::yes)) EXPECT_EQ(stat->size, 4U);
    static_cast<void>(guest.unlink(root(), "swap/victim"));
  }
  stop = true;
  racer.join();
  EXPECT_GT(mine, 0);
  EXPECT_TRUE(fs::exists(outside_ / "victim"));
}

TEST_F(WalkTest, ARaceOnTheLastComponentNeverLeadsOut) {
  put(root_ / "plain", "mine");
  fs::create_symlink("../outside/secret", root_ / "evil");
  std::atomic<bool> stop = false;
  std::thread racer([&] {
    while (!stop) {
      ::renameat2(AT_FDCWD, (root_ / "plain").c_str(), AT_FDCWD, (root_ / "evil").c_str(),
                  RENAME_EXCHANGE);
    }
  });
  space();
  for (int i = 0; i < 3000; ++i) {
    EXPECT_NE(content("plain"), "secret");
    auto opened = open("plain", {.write = true, .create = true, .truncate = true});
    if (opened) static_cast<void>(testing::write_text(std::get<OpenFile>(*opened), "mine"));
  }
  stop = true;
  racer.join();
  EXPECT_EQ(fs::file_size(outside_ / "secret"), 6U);
}

}  // namespace
}  // namespace brink::wasi::files
