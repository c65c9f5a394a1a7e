#include "wasi/files/file_tree.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using ::testing::ElementsAre;
using testing::FileSpaceTest;
using ::testing::HasSubstr;
using testing::put;
using ::testing::UnorderedElementsAre;
using testing::why;
namespace fs = testing::fs;

Result<FileTree> build(std::vector<std::string> guest_paths) {
  const testing::TempDirectory host;
  TreeSpec spec;
  for (std::string& path : guest_paths) {
    spec.mounts.push_back({std::move(path), testing::open_host_directory(host.path())});
  }
  return FileTree::build(std::move(spec));
}

std::vector<std::string> preopens(const FileTree& tree) {
  std::vector<std::string> names;
  for (const Preopen& preopen : tree.preopens()) names.push_back(preopen.name);
  return names;
}

TEST(FileTree, ReportsPreopensAsSpelledTheRootFirst) {
  EXPECT_THAT(preopens(*build({"data", "/x/y/", "/"})), ElementsAre("/", "data", "/x/y/"));
  EXPECT_THAT(preopens(*build({"a/b", "."})), ElementsAre("/", "a/b", "."));
}

TEST(FileTree, PreopensTheRootOnceMoreAsADotWhenAsked) {
  const testing::TempDirectory host;
  for (const char* const place : {"/", "data", "."}) {
    TreeSpec spec;
    spec.dot = Provide::yes;
    spec.mounts.push_back({place, testing::open_host_directory(host.path()), Access::read_write});
    const auto tree = FileTree::build(std::move(spec));
    const auto names = preopens(*tree);
    EXPECT_EQ(names.front(), "/");
    EXPECT_EQ(names.back(), ".");
    EXPECT_EQ(std::ranges::count(names, "."), 1);
    EXPECT_EQ(tree->preopens().back().node, &tree->root());
  }
  TreeSpec none;
  none.dot = Provide::yes;
  none.root = RootPreopen::when_mounted;
  EXPECT_TRUE(FileTree::build(std::move(none))->preopens().empty());
}

TEST(FileTree, RefusesBadMountsWithTheReason) {
  EXPECT_THAT(build({"/a/../b"}).error().text(), HasSubstr("\"..\""));
  EXPECT_THAT(build({""}).error().text(), HasSubstr("no guest path"));
  EXPECT_THAT(build({std::string(256, 'x')}).error().text(), HasSubstr("255 bytes"));
  EXPECT_THAT(build({std::string("a\0b", 3)}).error().text(), HasSubstr("NUL"));
  EXPECT_THAT(build({"/data", "data/."}).error().text(), HasSubstr("already"));
  EXPECT_THAT(build(std::vector<std::string>(257, "/x")).error().text(), HasSubstr("257 mounts"));
  TreeSpec none;
  none.mounts.push_back({.guest_path = "/x", .host_directory = {}});
  EXPECT_THAT(FileTree::build(std::move(none)).error().text(), HasSubstr("no host directory"));
}

TEST(FileTree, MakesTheRootAPreopenOnlyWhenAsked) {
  TreeSpec spec;
  spec.root = RootPreopen::when_mounted;
  EXPECT_TRUE(FileTree::build(std::move(spec))->preopens().empty());
  EXPECT_EQ(FileTree::build({})->preopens()[0].name, "/");
}

TEST(FileTree, KnowsScratchAndDevicesUnlessAMountIsThere) {
  const auto tree = build({"/dev"});
  EXPECT_EQ(tree->find("/dev/null"), nullptr);
  EXPECT_NE(tree->find("/tmp"), nullptr);
  EXPECT_EQ(tree->find("/tmp")->region, nullptr);
  const auto other = build({"/tmp"});
  EXPECT_EQ(other->find("/tmp")->layer->origin, Origin::volume);
  EXPECT_TRUE(other->find("/dev/null")->kind == Node::Kind::device);
  EXPECT_EQ(other->find("/dev/null")->path(), "/dev/null");
}

class MountsTest : public FileSpaceTest {
 protected:
  std::vector<std::string> names(std::string_view path) {
    Directory listed = directory(path);
    testing::Entries entries;
    EXPECT_EQ(why(space().read_directory(listed, 0, entries)), Errno::success);
    return entries.names;
  }
};

TEST_F(MountsTest, AMountHidesWhatIsBelowIt) {
  put(root_ / "data/file", "below");
  put(host_ / "data/file", "above");
  mount("/data", host_ / "data");
  space();
  EXPECT_EQ(content("data/file"), "above");
  EXPECT_EQ(content("./data/./file"), "above");
  EXPECT_EQ(content("data/../data/file"), "above");
}

TEST_F(MountsTest, AMountInsideAMountIsFoundFromAllSides) {
  put(host_ / "data/file", "data");
  put(host_ / "inner/file", "inner");
  put(host_ / "inner/sub/file", "sub");
  mount("/data", host_ / "data");
  mount("/data/x/y", host_ / "inner");
  space();
  EXPECT_EQ(content("data/x/y/file"), "inner");
  EXPECT_EQ(content("data/x/y/sub/../file"), "inner");
  EXPECT_EQ(content("data/x/y/sub/../../../file"), "data");
  EXPECT_EQ(content("data/x/y/../y/sub/file"), "sub");
  EXPECT_EQ(content("data/x/missing"), error(Errno::noent));
  EXPECT_EQ(content(space_->preopen(1), "x/y/file"), "inner");
  EXPECT_EQ(content(space_->preopen(2), "sub/file"), "sub");
  EXPECT_EQ(content(space_->preopen(2), "../../file"), error(Errno::perm));
  EXPECT_THAT(names("data"), UnorderedElementsAre(".", "..", "x", "file"));
  EXPECT_THAT(names("data/x"), UnorderedElementsAre(".", "..", "y"));
}

TEST_F(MountsTest, LinksLeadIntoMounts) {
  put(host_ / "data/file", "data");
  mount("/data", host_ / "data");
  fs::create_directories(root_ / "d");
  fs::create_symlink("../data", root_ / "d/link");
  fs::create_symlink("../file", host_ / "data/up");
  put(root_ / "file", "root");
  space();
  EXPECT_EQ(content("d/link/file"), "data");
  EXPECT_EQ(content("data/up"), "root");
  EXPECT_EQ(content(space_->preopen(1), "up"), error(Errno::perm));
}

TEST_F(MountsTest, DirectoriesOnTheWayShowTheLayerBelow) {
  put(root_ / "opt/file", "below");
  put(host_ / "m/file", "mounted");
  mount("/opt/m", host_ / "m");
  mount("/new/m", host_ / "m2");
  space();
  EXPECT_EQ(content("opt/file"), "below");
  EXPECT_EQ(content("opt/m/../file"), "below");
  EXPECT_THAT(names("opt"), UnorderedElementsAre(".", "..", "m", "file"));
  EXPECT_EQ(create("opt/made", "x"), Errno::success);
  EXPECT_EQ(create("new/made", "x"), Errno::rofs);
  EXPECT_EQ(space().stat(root(), "new", Follow::yes)->type, FileType::directory);
  EXPECT_THAT(names("new"), UnorderedElementsAre(".", "..", "m"));
}

TEST_F(MountsTest, MountPointsStayWhereTheyAre) {
  mount("/data", host_ / "data");
  mount("/a/b", host_ / "b");
  FileSpace& guest = space();
  put(root_ / "file", "");
  EXPECT_EQ(why(guest.rmdir(root(), "data")), Errno::busy);
  EXPECT_EQ(why(guest.rmdir(root(), "a")), Errno::busy);
  EXPECT_EQ(why(guest.unlink(root(), "data")), Errno::isdir);
  EXPECT_EQ(why(guest.mkdir(root(), "data")), Errno::exist);
  EXPECT_EQ(why(guest.mkdir(root(), "a/")), Errno::exist);
  EXPECT_EQ(why(guest.rename(root(), "data", root(), "other")), Errno::busy);
  EXPECT_EQ(why(guest.rename(root(), "file", root(), "a")), Errno::busy);
  EXPECT_EQ(why(guest.unlink(root(), "dev/null")), Errno::busy);
  EXPECT_EQ(why(guest.rmdir(root(), "dev/null")), Errno::notdir);
}

TEST_F(MountsTest, NothingIsMountedAtTheRoot) {
  no_root_ = true;
  mount("data", host_ / "data");
  put(host_ / "data/file", "x");
  FileSpace& guest = space();
  EXPECT_THAT(preopens(*tree_), ElementsAre("/", "data"));
  EXPECT_THAT(names("."), ElementsAre(".", "..", "data", "dev", "tmp"));
  EXPECT_EQ(content("data/file"), "x");
  EXPECT_EQ(why(guest.unlink(root(), "file")), Errno::noent);
  EXPECT_EQ(create("file", "own"), Errno::success);
  EXPECT_EQ(why(guest.mkdir(root(), "dir")), Errno::success);
  EXPECT_THAT(names("."), UnorderedElementsAre(".", "..", "data", "dev", "dir", "file", "tmp"));
  EXPECT_EQ(create("tmp/file", "t"), Errno::success);
  EXPECT_EQ(content("data/../tmp/file"), "t");
}

TEST_F(MountsTest, StatAndListingAgreeOnNumbers) {
  mount("/data", host_ / "data");
  mount("/a/b", host_ / "b");
  fs::create_directories(root_ / "a");
  FileSpace& guest = space();
  put(root_ / "file", "x");
  Directory listed = directory(".");
  testing::Entries entries;
  ASSERT_EQ(why(guest.read_directory(listed, 0, entries)), Errno::success);
  for (std::size_t i = 0; i < entries.names.size(); ++i) {
    if (entries.names[i] == "..") continue;
    const auto stat = guest.stat(root(), entries.names[i], Follow::no);
    EXPECT_EQ(stat->ino, entries.inodes[i]) << entries.names[i];
    EXPECT_EQ(stat->type, entries.types[i]) << entries.names[i];
  }
  const auto before = guest.stat(root(), "tmp", Follow::yes);
  ASSERT_EQ(create("tmp/x"), Errno::success);
  EXPECT_EQ(guest.stat(root(), "tmp", Follow::yes)->ino, before->ino);
}

TEST_F(MountsTest, DevicesAreNotHostFiles) {
  FileSpace& guest = space();
  EXPECT_THAT(names("dev"), ElementsAre(".", "..", "null", "random", "stderr", "stdin", "stdout",
                                        "urandom", "zero"));
  EXPECT_EQ(std::get<Device>(*open("dev/urandom")), Device::urandom);
  EXPECT_EQ(std::get<Device>(*open("./dev/../dev/null", {.write = true, .create = true})),
            Device::null);
  EXPECT_EQ(guest.stat(root(), "dev/zero", Follow::yes)->type, FileType::character_device);
  EXPECT_EQ(why(open("dev/null/", {.read = true})), Errno::notdir);
  EXPECT_EQ(why(open("dev/null/x", {.read = true})), Errno::notdir);
  EXPECT_EQ(why(open("dev/null", {.read = true, .directory = true})), Errno::notdir);
  EXPECT_EQ(why(open("dev/null", {.create = true, .exclusive = true})), Errno::exist);
  EXPECT_EQ(create("dev/new"), Errno::rofs);
}

}  // namespace
}  // namespace brink::wasi::files
