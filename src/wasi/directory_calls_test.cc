#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

struct Entry {
  GuestDirent head;
  std::string name;
};

class ReaddirTest : public ::testing::Test {
 protected:
  struct Part {
    std::vector<Entry> entries;  ///< the whole ones
    std::uint32_t used;
  };

  Part readdir(std::uint32_t length, std::uint64_t cookie = 0, std::uint32_t fd = 3) {
    EXPECT_EQ(guest_.call("fd_readdir", fd, buffer_, length, cookie, size_), Errno::success);
    Part part{.entries = {}, .used = guest_.at<std::uint32_t>(size_)};
    std::uint32_t at = 0;
    while (part.used - at >= sizeof(GuestDirent)) {
      const auto head = guest_.at<GuestDirent>(buffer_ + at);
      if (part.used - at - sizeof head < head.name_length) break;
      at += sizeof head;
      part.entries.push_back({head, guest_.text(buffer_ + at, head.name_length)});
      at += head.name_length;
    }
    return part;
  }

  /// Reads on with a buffer of `length` until it is not full, as libc does.
  std::multiset<std::string> all_names(std::uint32_t length) {
    std::multiset<std::string> names;
    std::uint64_t cookie = 0;
    while (true) {
      const Part part = readdir(length, cookie);
      for (const Entry& entry : part.entries) names.insert(entry.name);
      if (part.used < length) return names;
      EXPECT_FALSE(part.entries.empty()) << "no progress";
      if (part.entries.empty()) return names;
      cookie = part.entries.back().head.next;
    }
  }

  Guest guest_{{.memory = 1 << 20}};
  std::uint32_t buffer_ = guest_.room(500'000);
  std::uint32_t size_ = guest_.room(4);
};

TEST_F(ReaddirTest, BeginsWithTheDirectoryItself) {
  const Part part = readdir(4096);
  std::set<std::string> names;
  for (const Entry& entry : part.entries) {
    if (entry.name == "." || entry.name == "..") {
      EXPECT_EQ(entry.head.type, FileType::directory);
    }
    names.insert(entry.name);
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({".", ".."}));
  EXPECT_LT(part.used, 4096u);
}

TEST_F(ReaddirTest, DescribesFiles) {
  guest_.directory.write("file", "x");
  const auto fd = guest_.open("file");
  const auto stat = guest_.room(sizeof(GuestFilestat));
  ASSERT_EQ(guest_.call("fd_filestat_get", fd, stat), Errno::success);
  for (const Entry& entry : readdir(4096).entries) {
    if (entry.name != "file") continue;
    EXPECT_EQ(entry.head.type, FileType::regular_file);
    EXPECT_EQ(entry.head.inode, guest_.at<GuestFilestat>(stat).inode);
    return;
  }
  FAIL() << "no such entry";
}

TEST_F(ReaddirTest, FillsTheBufferToTheLastByteWhileEntriesRemain) {
  for (int i = 0; i < 20; ++i) guest_.directory.write(fmt::format("file{}", i), "");
  for (std::uint32_t length = 1; length < 120; ++length) {
    EXPECT_EQ(readdir(length).used, length);
  }
}

TEST_F(ReaddirTest, GoesOnFromACookie) {
  guest_.directory.write("file", "");
  const Part whole = readdir(4096);
  for (std::size_t i = 0; i < whole.entries.size(); ++i) {
    const Part rest = readdir(4096, whole.entries[i].head.next);
    ASSERT_EQ(rest.entries.size(), whole.entries.size() - i - 1);
    for (std::size_t k = 0; k < rest.entries.size(); ++k) {
      EXPECT_EQ(rest.entries[k].name, whole.entries[i + 1 + k].name);
    }
  }
}

TEST_F(ReaddirTest, SeesEveryFileOnceWithAnyBuffer) {
  const auto before = all_names(4096).size();
  for (int i = 0; i < 1000; ++i) guest_.directory.write(fmt::format("file.{}", i), "");
  for (const std::uint32_t length : {64u, 257u, 4096u}) {
    const auto names = all_names(length);
    EXPECT_EQ(names.size(), before + 1000);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(names.count(fmt::format("file.{}", i)), 1u);
  }
}

TEST_F(ReaddirTest, ABigDirectoryTakesSeveralTurns) {
  const auto before = all_names(4096).size();
  for (int i = 0; i < 3000; ++i) guest_.directory.write(fmt::format("some_file.{}", i), "");
  const Part part = readdir(500'000);
  EXPECT_GT(guest_.attempts(), 1u);
  EXPECT_LT(part.used, 500'000u);
  std::set<std::string> names;
  for (const Entry& entry : part.entries) names.insert(entry.name);
  EXPECT_EQ(names.size(), before + 3000);
  EXPECT_EQ(part.entries.size(), names.size());
}

TEST_F(ReaddirTest, ChecksItsArguments) {
  constexpr std::uint64_t kStart = 0;
  guest_.directory.write("file", "");
  const auto file = guest_.open("file");
  EXPECT_EQ(guest_.call("fd_readdir", 99, buffer_, 64, kStart, size_), Errno::badf);
  EXPECT_EQ(guest_.call("fd_readdir", file, buffer_, 64, kStart, size_), Errno::notdir);
  EXPECT_EQ(guest_.call("fd_readdir", 0, buffer_, 64, kStart, size_), Errno::notdir);
  EXPECT_EQ(guest_.call("fd_readdir", 3, buffer_, ~0u, kStart, size_), Errno::fault);
  EXPECT_EQ(guest_.call("fd_readdir", 3, buffer_, 64, kStart, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("fd_readdir", 3, buffer_, 0, kStart, size_), Errno::success);
  EXPECT_EQ(guest_.at<std::uint32_t>(size_), 0u);
  guest_.drop_rights(3, right::fd_readdir);
  EXPECT_EQ(guest_.call("fd_readdir", 3, buffer_, 64, kStart, size_), Errno::badf);
}

}  // namespace
}  // namespace brink::wasi::testing
