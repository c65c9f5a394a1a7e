#include "package/file_text.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "package/test_directory.h"

namespace brink::package {
namespace {

TEST(FileText, ReadsUpToTheBoundAndRefusesMore) {
  const TestDirectory directory;
  directory.write("f", "12345");
  EXPECT_EQ(read_file_text(directory.path() / "f", 5), "12345");
  const auto text = read_file_text(directory.path() / "f", 4);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::file_unreadable);
  EXPECT_EQ(text.error().text(),
            (directory.path() / "f").string() + " is larger than 4 bytes; make it smaller");
}

TEST(FileText, NeverWaitsForAPipe) {
  const TestDirectory directory;
  ASSERT_EQ(::mkfifo((directory.path() / "p").c_str(), 0600), 0);
  EXPECT_EQ(read_file_text(directory.path() / "p", 5).error().text(),
            (directory.path() / "p").string() + " is not a regular file; put a file there");
}

TEST(FileText, TellsAMissingFileFromAnUnreadableOne) {
  const TestDirectory directory;
  directory.write("f", "");
  EXPECT_EQ(read_file_text(directory.path() / "none", 5).error().code, ErrorCode::file_not_found);
  EXPECT_EQ(read_file_text(directory.path() / "f" / "x", 5).error().code,
            ErrorCode::file_unreadable);
}

}  // namespace
}  // namespace brink::package
