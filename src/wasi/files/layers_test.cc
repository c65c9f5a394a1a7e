// What a guest writes over a package: copies, whiteouts, and what stays hidden.

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "wasi/files/copy_up.h"
#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using ::testing::ElementsAre;
using testing::Entries;
using testing::FileSpaceTest;
using testing::put;
using testing::read_text;
using testing::why;
using testing::write_text;
namespace fs = testing::fs;

class LayersTest : public FileSpaceTest {
 protected:
  void SetUp() override {
    FileSpaceTest::SetUp();
    put(package_ / "file", "package");
    put(package_ / "dir/a", "a");
    put(package_ / "dir/sub/b", "b");
    fs::create_directory(package_ / "empty");
    fs::create_symlink("file", package_ / "link");
    fs::create_symlink("/dir", package_ / "rootlink");
    mount("/", package_, Access::read_only, Origin::package);
    space(PathRules::rooted);
  }
  std::vector<std::string> names(std::string_view path) {
    Directory listed = directory(path);
    Entries entries;
    EXPECT_EQ(why(space().read_directory(listed, 0, entries)), Errno::success);
    std::ranges::sort(entries.names);
    std::erase_if(entries.names, [](const auto& name) { return name.starts_with('.'); });
    return entries.names;
  }
  Errno unlink(std::string_view path) { return why(space().unlink(root(), path)); }
  Errno rmdir(std::string_view path) { return why(space().rmdir(root(), path)); }
  Errno mkdir(std::string_view path) { return why(space().mkdir(root(), path)); }
  Errno rename(std::string_view from, std::string_view to) {
    return why(space().rename(root(), from, root(), to));
  }
  Errno link(std::string_view from, std::string_view to) {
    return why(space().link(root(), from, Follow::no, root(), to));
  }
  Filestat stat(std::string_view path) {
    const auto found = space().stat(root(), path, Follow::no);
    EXPECT_TRUE(found.has_value()) << path;
    return found.value_or(Filestat{});
  }
  OpenFile file(std::string_view path, const OpenOptions& options) {
    auto opened = open(path, options);
    BRINK_CHECK(opened.has_value());
    return std::get<OpenFile>(std::move(*opened));
  }

  fs::path package_ = host_ / "package";
};

TEST_F(LayersTest, ReadingNeverMakesAScratchDirectory) {
  EXPECT_EQ(content("dir/sub/b"), "b");
  EXPECT_EQ(content("link"), "package");
  EXPECT_EQ(content("rootlink/a"), "a");
  EXPECT_THAT(names("dir"), ElementsAre("a", "sub"));
  EXPECT_EQ(why(open("none", {.read = true})), Errno::noent);
  EXPECT_EQ(why(open("file", {.read = true, .create = true})), Errno::success);
  EXPECT_EQ(why(open("file", {.write = true, .create = true, .exclusive = true})), Errno::exist);
  EXPECT_EQ(mkdir("dir"), Errno::exist);
  EXPECT_EQ(rmdir("none"), Errno::noent);
  EXPECT_EQ(space().scratch(), nullptr);
}

TEST_F(LayersTest, WritingCopiesTheFileAndLeavesThePackageAlone) {
  const OpenFile before = file("file", {.read = true});
  OpenFile written = file("file", {.read = true, .write = true});
  ASSERT_TRUE(write_text(written, "PACK"));
  EXPECT_EQ(content("file"), "PACKage");
  EXPECT_EQ(content("link"), "PACKage");
  EXPECT_EQ(read_text(before), "package") << "an older handle keeps the old file";
  std::string text;
  std::ifstream(package_ / "file") >> text;
  EXPECT_EQ(text, "package");
  EXPECT_EQ(space().scratch()->bytes(), 7U);
  EXPECT_EQ(space().scratch()->inodes(), 1U);
}

TEST_F(LayersTest, ACopyKeepsTheTimes) {
  const Filestat before = stat("dir/a");
  static_cast<void>(file("dir/a", {.write = true}));
  EXPECT_EQ(stat("dir/a").mtim, before.mtim);
  EXPECT_EQ(stat("dir/a").size, before.size);
}

TEST_F(LayersTest, ADirectoryKeepsItsNumbersWhenItIsWrittenTo) {
  const Filestat before = stat("dir");
  const Directory opened = directory("dir");
  ASSERT_EQ(create("dir/new"), Errno::success);
  EXPECT_EQ(stat("dir").ino, before.ino);
  EXPECT_EQ(stat("dir").dev, before.dev);
  EXPECT_EQ(space().stat(opened)->ino, before.ino);
  EXPECT_GT(stat("dir").mtim, before.mtim);
}

TEST_F(LayersTest, TruncatingCopiesNothing) {
  static_cast<void>(file("file", {.write = true, .truncate = true}));
  EXPECT_EQ(content("file"), "");
  EXPECT_EQ(space().scratch()->bytes(), 0U);
}

TEST_F(LayersTest, AppendingGoesToTheEndOfTheCopy) {
  OpenFile appended = file("dir/a", {.write = true, .append = true});
  ASSERT_TRUE(write_text(appended, "+"));
  EXPECT_EQ(content("dir/a"), "a+");
}

TEST_F(LayersTest, WhatIsRemovedStaysHidden) {
  EXPECT_EQ(unlink("file"), Errno::success);
  EXPECT_EQ(content("file"), error(Errno::noent));
  EXPECT_EQ(content("link"), error(Errno::noent));
  EXPECT_EQ(unlink("file"), Errno::noent);
  EXPECT_THAT(names("."), ElementsAre("dev", "dir", "empty", "link", "rootlink", "tmp"));
  EXPECT_EQ(create("file", "new"), Errno::success);
  EXPECT_EQ(content("link"), "new");
  EXPECT_EQ(unlink("file"), Errno::success);
  EXPECT_EQ(content("file"), error(Errno::noent)) << "the package's must not come to light";
}

TEST_F(LayersTest, ADirectoryMadeInTheSamePlaceIsOpaque) {
  EXPECT_EQ(rmdir("dir/sub"), Errno::notempty);
  EXPECT_EQ(unlink("dir/sub/b"), Errno::success);
  EXPECT_EQ(rmdir("dir/sub"), Errno::success);
  EXPECT_EQ(unlink("dir/a"), Errno::success);
  EXPECT_EQ(rmdir("dir"), Errno::success);
  EXPECT_EQ(why(open("dir/a", {.read = true})), Errno::noent);
  EXPECT_EQ(mkdir("dir"), Errno::success);
  EXPECT_TRUE(names("dir").empty());
  EXPECT_EQ(mkdir("dir/sub"), Errno::success);
  EXPECT_TRUE(names("dir/sub").empty());
  EXPECT_EQ(content("dir/sub/b"), error(Errno::noent));
  EXPECT_EQ(content("dir/sub/../../rootlink/a"), error(Errno::noent));
}

TEST_F(LayersTest, AHandleOfARemovedDirectorySeesNothingOfItsSuccessor) {
  const Directory old = directory("empty");
  EXPECT_EQ(rmdir("empty"), Errno::success);
  EXPECT_EQ(why(space().mkdir(old, "x")), Errno::noent);
  EXPECT_EQ(mkdir("empty"), Errno::success);
  EXPECT_EQ(create("empty/new"), Errno::success);
  EXPECT_EQ(why(space().stat(old, "new", Follow::no)), Errno::noent);
  EXPECT_EQ(why(space().mkdir(old, "x")), Errno::noent);
  EXPECT_EQ(why(space().stat(old)), Errno::success);
}

TEST_F(LayersTest, AHandleSeesWhatIsWrittenIntoItsDirectoryLater) {
  Directory dir = directory("dir");
  ASSERT_EQ(create("dir/new", "n"), Errno::success);
  EXPECT_EQ(content(dir, "new"), "n");
  Entries entries;
  ASSERT_EQ(why(space().read_directory(dir, 0, entries)), Errno::success);
  EXPECT_THAT(entries.names, ElementsAre(".", "..", ::testing::_, ::testing::_, "new"));
}

TEST_F(LayersTest, RenamedFilesLeaveNothingBehind) {
  EXPECT_EQ(rename("file", "dir/a"), Errno::success);
  EXPECT_EQ(content("dir/a"), "package");
  EXPECT_EQ(content("file"), error(Errno::noent));
  EXPECT_EQ(rename("dir/a", "file"), Errno::success);
  EXPECT_EQ(content("file"), "package");
  EXPECT_EQ(content("dir/a"), error(Errno::noent));
  EXPECT_EQ(rename("link", "dir/link"), Errno::success);
  EXPECT_EQ(*space().readlink(root(), "dir/link"), "file");
  EXPECT_EQ(why(space().readlink(root(), "link")), Errno::noent);
}

TEST_F(LayersTest, DirectoriesOfThePackageCannotBeMoved) {
  EXPECT_EQ(rename("dir", "other"), Errno::xdev);
  EXPECT_EQ(create("dir/new"), Errno::success);
  EXPECT_EQ(rename("dir", "other"), Errno::xdev);
  EXPECT_EQ(mkdir("own"), Errno::success);
  EXPECT_EQ(create("own/x", "x"), Errno::success);
  EXPECT_EQ(rename("own", "dir"), Errno::notempty);
  EXPECT_EQ(rename("own", "file"), Errno::notdir);
  EXPECT_EQ(rename("file", "empty"), Errno::isdir);
  EXPECT_EQ(rename("own", "empty"), Errno::success);
  EXPECT_THAT(names("empty"), ElementsAre("x"));
  EXPECT_EQ(rename("empty", "back"), Errno::success);
  EXPECT_EQ(content("empty/x"), error(Errno::noent));
  EXPECT_EQ(content("back/x"), "x");
}

TEST_F(LayersTest, ADirectoryThatReplacesAnEmptiedOneShowsOnlyItsOwn) {
  EXPECT_EQ(unlink("dir/sub/b"), Errno::success);
  EXPECT_EQ(mkdir("own"), Errno::success);
  EXPECT_EQ(create("own/c", "c"), Errno::success);
  EXPECT_EQ(rename("own", "dir/sub"), Errno::success);
  EXPECT_THAT(names("dir/sub"), ElementsAre("c"));
}

TEST_F(LayersTest, LinksShareTheCopy) {
  EXPECT_EQ(link("file", "dir/other"), Errno::success);
  EXPECT_EQ(stat("file").nlink, 2U);
  EXPECT_EQ(stat("file").ino, stat("dir/other").ino);
  OpenFile written = file("dir/other", {.write = true});
  ASSERT_TRUE(write_text(written, "PACK"));
  EXPECT_EQ(content("file"), "PACKage");
  EXPECT_EQ(link("dir", "x"), Errno::perm);
  EXPECT_EQ(link("file", "dir/a"), Errno::exist);
}

TEST_F(LayersTest, TimesOfPackageFilesCanBeSet) {
  const Times times{{.kind = TimeChange::Kind::set, .nanoseconds = 1'000'000'001},
                    {.kind = TimeChange::Kind::set, .nanoseconds = 2'000'000'002}};
  for (const char* path : {"file", "dir/sub", "link", "dir/sub/b"}) {
    EXPECT_EQ(why(space().set_times(root(), path, Follow::no, times)), Errno::success);
    EXPECT_EQ(stat(path).mtim, 2'000'000'002U) << path;
  }
  EXPECT_EQ(content("file"), "package");
  EXPECT_EQ(content("link"), "package");
}

TEST_F(LayersTest, CopiesAndWhiteoutsCount) {
  EXPECT_EQ(unlink("file"), Errno::success);
  EXPECT_EQ(space().scratch()->inodes(), 1U);
  static_cast<void>(file("dir/a", {.write = true}));
  EXPECT_EQ(space().scratch()->inodes(), 3U) << "with the directory on the way";
  EXPECT_EQ(unlink("dir/a"), Errno::success);
  EXPECT_EQ(space().scratch()->inodes(), 3U);
  EXPECT_EQ(space().scratch()->bytes(), 0U);
}

class FullLayersTest : public LayersTest {
 protected:
  void limit(QuotaLimits limits) {
    space_ = std::make_unique<FileSpace>(*tree_, home_.get(), limits, PathRules::rooted);
  }
};

TEST_F(FullLayersTest, AFileThatDoesNotFitIsNotCopied) {
  limit({.bytes = 6_B, .inodes = 10});
  EXPECT_EQ(why(open("file", {.write = true})), Errno::nospc);
  EXPECT_EQ(rename("file", "x"), Errno::nospc);
  EXPECT_EQ(content("file"), "package");
  EXPECT_EQ(space().scratch()->bytes(), 0U);
  EXPECT_EQ(create("file", "short"), Errno::success);
  EXPECT_EQ(content("file"), "short");
}

TEST_F(FullLayersTest, WithoutInodesNothingIsRemoved) {
  limit({.bytes = 100_B, .inodes = 1});
  EXPECT_EQ(unlink("dir/a"), Errno::success);
  EXPECT_EQ(unlink("file"), Errno::nospc);
  EXPECT_EQ(content("file"), "package");
  EXPECT_EQ(create("new"), Errno::nospc);
}

TEST_F(LayersTest, ALargeFileIsCopiedInSteps) {
  const std::string large((3 * CopyUp::kStep) + 5, 'x');
  put(package_ / "large", large);
  EXPECT_EQ(why(open("large", {.write = true})), Errno::again);
  EXPECT_EQ(space().scratch()->bytes(), CopyUp::kStep);
  EXPECT_EQ(stat("large").size, large.size()) << "the package's until it is complete";
  EXPECT_EQ(rename("large", "moved"), Errno::again) << "goes on with the same copy";
  EXPECT_EQ(why(open("large", {.write = true})), Errno::again);
  EXPECT_EQ(why(open("large", {.write = true})), Errno::success);
  EXPECT_EQ(stat("large").size, large.size());
  EXPECT_EQ(space().scratch()->bytes(), large.size());
  EXPECT_EQ(unlink("large"), Errno::success);
  EXPECT_EQ(space().scratch()->bytes(), 0U);
}

TEST_F(LayersTest, AnUnfinishedCopyIsForgottenWithItsFile) {
  put(package_ / "large", std::string(2 * CopyUp::kStep, 'x'));
  EXPECT_EQ(why(open("large", {.write = true})), Errno::again);
  EXPECT_EQ(unlink("large"), Errno::success);
  EXPECT_EQ(space().scratch()->bytes(), 0U);
  EXPECT_EQ(space().scratch()->inodes(), 1U);
  put(package_ / "second", std::string(2 * CopyUp::kStep, 'x'));
  EXPECT_EQ(why(open("second", {.write = true})), Errno::again);
  EXPECT_EQ(create("second", "s"), Errno::success);
  EXPECT_EQ(space().scratch()->bytes(), 1U);
}

TEST_F(LayersTest, SocketsHaveNames) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const UniqueFd owned(socket);
  const auto bind = [&](int directory, const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
    std::ranges::copy(path, std::begin(address.sun_path));
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  };
  EXPECT_EQ(why(space().make_socket(root(), "dir/a", bind)), Errno::exist);
  ASSERT_EQ(why(space().make_socket(root(), "dir/socket", bind)), Errno::success);
  EXPECT_EQ(stat("dir/socket").type, FileType::socket_stream);
  EXPECT_EQ(why(open("dir/socket", {.read = true})), Errno::nxio);
  ASSERT_EQ(why(space().symlink("/dir/socket", root(), "way")), Errno::success);
  const auto found = space().find_socket(root(), "way");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, "socket");
  EXPECT_EQ(why(space().find_socket(root(), "file")), Errno::notsock);
  EXPECT_EQ(why(space().find_socket(root(), "dir")), Errno::notsock);
  EXPECT_EQ(unlink("dir/socket"), Errno::success);
  EXPECT_EQ(why(space().find_socket(root(), "way")), Errno::noent);
}

TEST_F(LayersTest, CookiesSurviveCopiesAndNewNames) {
  for (int i = 0; i < 50; ++i) put(package_ / ("many/" + std::to_string(i)), "x");
  Directory many = directory("many");
  std::vector<std::string> seen;
  std::uint64_t cookie = 0;
  for (int step = 0;; ++step) {
    Entries one(1);
    ASSERT_EQ(why(space().read_directory(many, cookie, one)), Errno::success);
    if (one.names.empty()) break;
    cookie = one.next;
    if (one.names[0].starts_with('.')) continue;
    seen.push_back(one.names[0]);
    // Copies the file just seen and one that is perhaps still to come.
    if (step < 50) {
      static_cast<void>(file("many/" + seen.back(), {.write = true}));
      static_cast<void>(file("many/" + std::to_string(step), {.write = true}));
      ASSERT_EQ(create("many/new" + std::to_string(step)), Errno::success);
    }
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(std::ranges::count(seen, std::to_string(i)), 1) << i;
  }
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end()) << "none twice";
}

TEST_F(LayersTest, ManyOwnNamesAreListedBesideThePackages) {
  for (int i = 0; i < 500; ++i) ASSERT_EQ(create("dir/own" + std::to_string(i)), Errno::success);
  EXPECT_EQ(names("dir").size(), 502U);
}

}  // namespace
}  // namespace brink::wasi::files
