#include <gmock/gmock.h>

#include <set>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::Entries;
using testing::FileSpaceTest;
using testing::put;
using ::testing::UnorderedElementsAre;
using testing::why;
namespace fs = testing::fs;

class ListingTest : public FileSpaceTest {
 protected:
  std::vector<std::string> all(Directory& listed, std::size_t at_a_time) {
    std::vector<std::string> names;
    std::uint64_t cookie = 0;
    for (;;) {
      Entries entries(at_a_time);
      EXPECT_EQ(why(space().read_directory(listed, cookie, entries)), Errno::success);
      if (entries.names.empty()) return names;
      names.insert(names.end(), entries.names.begin(), entries.names.end());
      cookie = entries.next;
    }
  }
};

TEST_F(ListingTest, NamesTypesAndNumbersAreThoseOfStat) {
  put(root_ / "d/file", "x");
  fs::create_directory(root_ / "d/sub");
  fs::create_symlink("file", root_ / "d/link");
  space();
  Directory listed = directory("d");
  Entries entries;
  ASSERT_EQ(why(space().read_directory(listed, 0, entries)), Errno::success);
  EXPECT_THAT(entries.names, UnorderedElementsAre(".", "..", "file", "sub", "link"));
  for (std::size_t i = 0; i < entries.names.size(); ++i) {
    if (entries.names[i] == "..") continue;
    const auto stat = space().stat(listed, entries.names[i], Follow::no);
    EXPECT_EQ(stat->type, entries.types[i]);
    EXPECT_EQ(stat->ino, entries.inodes[i]);
  }
}

TEST_F(ListingTest, EveryNameComesOnceWhateverTheBuffer) {
  for (int i = 0; i < 300; ++i) put(root_ / ("d/file" + std::to_string(i)), "");
  space();
  Directory listed = directory("d");
  for (const std::size_t at_a_time : {1, 2, 7, 1000}) {
    const auto names = all(listed, at_a_time);
    EXPECT_EQ(names.size(), 302U);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), 302U);
  }
}

TEST_F(ListingTest, TheSameCookieGivesTheSameEntryAgain) {
  for (int i = 0; i < 50; ++i) put(root_ / ("d/file" + std::to_string(i)), "");
  space();
  Directory listed = directory("d");
  std::uint64_t cookie = 0;
  for (int i = 0; i < 52; ++i) {
    Entries first(1);
    Entries later(9);
    Entries again(1);
    ASSERT_EQ(why(space().read_directory(listed, cookie, first)), Errno::success);
    ASSERT_EQ(why(space().read_directory(listed, cookie, later)), Errno::success);
    ASSERT_EQ(why(space().read_directory(listed, cookie, again)), Errno::success);
    EXPECT_EQ(first.names, again.names);
    cookie = first.next;
  }
}

TEST_F(ListingTest, TenThousandFilesAreListedWhileTheyAreDeleted) {
  constexpr int kFiles = 10'000;
  fs::create_directory(root_ / "d");
  for (int i = 0; i < kFiles; ++i) {
    const UniqueFd made(
        ::open((root_ / "d" / std::to_string(i)).c_str(), O_CREAT | O_WRONLY, 0600));
    ASSERT_TRUE(made);
  }
  FileSpace& guest = space();
  Directory listed = directory("d");
  std::set<std::string> seen;
  std::uint64_t cookie = 0;
  for (;;) {
    Entries entries(61);
    ASSERT_EQ(why(guest.read_directory(listed, cookie, entries)), Errno::success);
    if (entries.names.empty()) break;
    for (const std::string& name : entries.names) {
      EXPECT_TRUE(seen.insert(name).second) << name << " came twice";
      if (name.starts_with('.')) continue;
      EXPECT_EQ(why(guest.unlink(listed, name)), Errno::success) << name;
    }
    cookie = entries.next;
  }
  EXPECT_EQ(seen.size(), kFiles + 2U);
  EXPECT_TRUE(fs::is_empty(root_ / "d"));
}

TEST_F(ListingTest, ReservedCookiesSurviveAnythingAndBadOnesAreRefused) {
  FileSpace& guest = space();
  Directory listed = directory(".");
  Entries first(3);
  ASSERT_EQ(why(guest.read_directory(listed, 0, first)), Errno::success);
  EXPECT_EQ(first.next, 3U);
  put(root_ / "new", "");
  Entries rest;
  ASSERT_EQ(why(guest.read_directory(listed, first.next, rest)), Errno::success);
  EXPECT_THAT(rest.names, UnorderedElementsAre("tmp", "new"));
  Entries none;
  EXPECT_EQ(why(guest.read_directory(listed, 5, none)), Errno::inval);
  EXPECT_EQ(why(guest.read_directory(listed, (std::uint64_t{1} << 63) - 1, none)), Errno::inval);
  EXPECT_TRUE(none.names.empty());
}

TEST_F(ListingTest, AnEmptyScratchDirectoryIsListedWithoutMakingIt) {
  FileSpace& guest = space();
  Directory tmp = directory("tmp");
  EXPECT_THAT(all(tmp, 1), UnorderedElementsAre(".", ".."));
  EXPECT_EQ(guest.scratch(), nullptr);
  ASSERT_EQ(create("tmp/x"), Errno::success);
  EXPECT_THAT(all(tmp, 1), UnorderedElementsAre(".", "..", "x"));
}

}  // namespace
}  // namespace brink::wasi::files
