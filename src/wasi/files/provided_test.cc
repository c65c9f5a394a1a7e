#include <gmock/gmock.h>

#include <algorithm>

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

class ProvidedTest : public FileSpaceTest {
 protected:
  void provide(std::string path, std::string_view text) {
    spec_.files.push_back({std::move(path), *content_of(text)});
  }
  void mount_package() { mount("/", package_, Access::read_only, Origin::package); }
  FileSpace& rooted() { return space(PathRules::rooted); }
  std::vector<std::string> names(std::string_view path) {
    Directory listed = directory(path);
    Entries entries;
    EXPECT_EQ(why(space().read_directory(listed, 0, entries)), Errno::success);
    std::ranges::sort(entries.names);
    return entries.names;
  }

  fs::path package_ = host_ / "package";
};

TEST_F(ProvidedTest, AreReadAsFiles) {
  put(package_ / "etc/own", "own");
  provide("/etc/hosts", "127.0.0.1 localhost\n");
  provide("/etc/ssl/cert.pem", "certificate");
  mount_package();
  FileSpace& guest = rooted();
  EXPECT_EQ(content("/etc/hosts"), "127.0.0.1 localhost\n");
  EXPECT_EQ(content("/etc/ssl/cert.pem"), "certificate");
  EXPECT_EQ(content("/etc/own"), "own");
  EXPECT_THAT(names("/etc"), ElementsAre(".", "..", "hosts", "own", "ssl"));
  const auto stat = guest.stat(root(), "/etc/hosts", Follow::yes);
  EXPECT_EQ(stat->type, FileType::regular_file);
  EXPECT_EQ(stat->size, 20U);
  EXPECT_EQ(why(open("/etc/hosts/x", {.read = true})), Errno::notdir);
  EXPECT_EQ(why(open("/etc/hosts/", {.read = true})), Errno::notdir);
  EXPECT_EQ(guest.scratch(), nullptr);
}

TEST_F(ProvidedTest, EveryHandleHasItsOwnPosition) {
  provide("/etc/hosts", "0123456789");
  mount_package();
  rooted();
  auto first = open("/etc/hosts");
  auto second = open("/etc/hosts");
  auto& one = std::get<OpenFile>(*first);
  EXPECT_EQ(read_text(one, 4), "0123");
  EXPECT_EQ(read_text(std::get<OpenFile>(*second), 4), "0123");
  EXPECT_EQ(read_text(one, 4), "4567");
  EXPECT_EQ(*one.seek(-2, Whence::end), 8U);
  EXPECT_EQ(read_text(one, 9), "89");
  EXPECT_EQ(read_text(one, 9), "");
  EXPECT_EQ(why(one.seek(-11, Whence::current)), Errno::inval);
  EXPECT_EQ(*one.seek(-9, Whence::current), 1U);
  EXPECT_EQ(why(write_text(one, "x")), Errno::badf);
  EXPECT_EQ(one.stat()->ino, space().stat(root(), "/etc/hosts", Follow::yes)->ino);
}

TEST_F(ProvidedTest, AGuestChangesACopyOfItsOwn) {
  provide("/etc/hosts", "host\n");
  provide("/etc/services", "http\n");
  mount_package();
  FileSpace& guest = rooted();
  auto opened = open("/etc/hosts", {.write = true, .append = true});
  ASSERT_TRUE(opened.has_value());
  ASSERT_TRUE(write_text(std::get<OpenFile>(*opened), "more\n"));
  EXPECT_EQ(content("/etc/hosts"), "host\nmore\n");
  EXPECT_EQ(why(guest.unlink(root(), "/etc/services")), Errno::success);
  EXPECT_EQ(content("/etc/services"), error(Errno::noent));
  EXPECT_THAT(names("/etc"), ElementsAre(".", "..", "hosts"));
  EXPECT_EQ(why(guest.mkdir(root(), "/etc/services")), Errno::success);
  EXPECT_EQ(create("/etc/services/x", "x"), Errno::success);
  EXPECT_EQ(content("/etc/services/../services/x"), "x");
  EXPECT_EQ(why(guest.rename(root(), "/etc/hosts", root(), "/hosts")), Errno::success);
  EXPECT_EQ(content("/etc/hosts"), error(Errno::noent));
  EXPECT_EQ(content("/hosts"), "host\nmore\n");
  EXPECT_EQ(why(guest.rmdir(root(), "/etc")), Errno::busy);
  FileSpace other(*tree_, home_.get(), {}, PathRules::rooted);
  EXPECT_EQ(why(other.open(root(), "/etc/services", {.read = true})), Errno::success);
}

TEST_F(ProvidedTest, ThePackagesOwnComeFirst) {
  put(package_ / "etc/hosts", "own");
  fs::create_directories(package_ / "private/etc");
  fs::create_directory_symlink("private/etc", package_ / "linked");
  put(package_ / "file", "f");
  provide("/etc/hosts", "provided");
  provide("/linked/hosts", "provided");
  provide("/file/hosts", "provided");
  mount_package();
  rooted();
  EXPECT_EQ(content("/etc/hosts"), "own");
  EXPECT_EQ(content("/linked/hosts"), error(Errno::noent));
  EXPECT_EQ(content("/file"), "f");
}

TEST_F(ProvidedTest, NothingIsPutIntoAVolume) {
  provide("/etc/hosts", "provided");
  provide("/data/x", "provided");
  mount("/data", host_ / "data");
  rooted();
  EXPECT_EQ(content("/etc/hosts"), error(Errno::noent));
  EXPECT_EQ(content("/data/x"), error(Errno::noent));
}

TEST_F(ProvidedTest, WithoutAPackageTheyAreAllThereIs) {
  no_root_ = true;
  provide("/bin/tool", "tool");
  rooted();
  EXPECT_EQ(content("/bin/tool"), "tool");
  EXPECT_THAT(names("/"), ElementsAre(".", "..", "bin", "dev", "tmp"));
}

TEST(ProvidedFiles, MustBeRegularFilesWithAPlainPath) {
  TreeSpec spec;
  spec.files.push_back({"/etc/../x", *content_of("x")});
  EXPECT_FALSE(FileTree::build(std::move(spec)).has_value());
  TreeSpec directory;
  directory.files.push_back({"/x", testing::open_host_directory("/")});
  EXPECT_FALSE(FileTree::build(std::move(directory)).has_value());
}

}  // namespace
}  // namespace brink::wasi::files
