#include <gtest/gtest.h>

#include <filesystem>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

Errno change(Guest& guest, std::string_view path) {
  return guest.call("chdir", guest.put(path), static_cast<std::uint32_t>(path.size()));
}

TEST(Getcwd, FillsTheRestWithNuls) {
  Guest guest({.profile = kWasix});
  const auto buffer = guest.room(5);
  const auto size = guest.put_value(std::uint32_t{4});
  EXPECT_EQ(guest.call("getcwd", buffer, size), Errno::success);
  EXPECT_EQ(guest.text(buffer, 5), std::string("/\0\0\0\xAA", 5));
  EXPECT_EQ(guest.at<std::uint32_t>(size), 1u);
}

TEST(Getcwd, SaysHowMuchItNeeds) {
  Guest guest({.profile = kWasix});
  std::filesystem::create_directory(guest.directory.path() + "/deep");
  ASSERT_EQ(change(guest, "/deep"), Errno::success);
  for (const std::uint32_t room : {0u, 1u, 5u}) {
    const auto buffer = guest.room(6);
    const auto size = guest.put_value(room);
    EXPECT_EQ(guest.call("getcwd", buffer, size), Errno::range);
    EXPECT_EQ(guest.at<std::uint32_t>(size), 6u) << "with its NUL";
    EXPECT_EQ(guest.text(buffer, 1), "\xAA");
  }
  const auto buffer = guest.room(6);
  EXPECT_EQ(guest.call("getcwd", buffer, guest.put_value(std::uint32_t{6})), Errno::success);
  EXPECT_EQ(guest.text(buffer, 6), std::string("/deep\0", 6));
}

TEST(Getcwd, ChecksItsBuffers) {
  Guest guest({.profile = kWasix});
  EXPECT_EQ(guest.call("getcwd", 64, ~0u), Errno::fault);
  EXPECT_EQ(guest.call("getcwd", ~0u, guest.put_value(std::uint32_t{4})), Errno::fault);
}

TEST(Chdir, IsNormalisedAndRelativeToWhereItIs) {
  Guest guest({.profile = kWasix});
  std::filesystem::create_directories(guest.directory.path() + "/one/two");
  std::filesystem::create_directory_symlink("one/two", guest.directory.path() + "/link");
  const std::pair<const char*, const char*> steps[] = {
      {"one", "/one"},
      {"two", "/one/two"},
      {"..", "/one"},
      {".", "/one"},
      {"//one///two/", "/one/two"},
      {"../../..", "/"},
      {"link", "/one/two"},
      {"../..", "/"},
  };
  for (const auto& [path, reached] : steps) {
    EXPECT_EQ(change(guest, path), Errno::success) << path;
    EXPECT_EQ(guest.process->directory(), reached) << path;
  }
}

TEST(Chdir, GoesToDirectoriesOnlyAndElseStays) {
  Guest guest({.profile = kWasix});
  guest.directory.write("file", "");
  EXPECT_EQ(change(guest, "file"), Errno::notdir);
  EXPECT_EQ(change(guest, "/none"), Errno::noent);
  EXPECT_EQ(change(guest, ""), Errno::noent);
  EXPECT_EQ(change(guest, std::string(5000, 'x')), Errno::nametoolong);
  EXPECT_EQ(guest.call("chdir", ~0u, 3), Errno::fault);
  EXPECT_EQ(guest.process->directory(), "/");
}

}  // namespace
}  // namespace brink::wasi::testing
