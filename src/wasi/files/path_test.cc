#include "wasi/files/path.h"

#include <gtest/gtest.h>

#include <string>

namespace brink::wasi::files {
namespace {

using namespace std::string_view_literals;

Errno why(std::string_view path, PathRules rules = PathRules::capability) {
  const auto checked = check_path(path, rules);
  return checked ? Errno::success : checked.error();
}

TEST(Path, RefusesWhatNoFileSystemMaySee) {
  EXPECT_EQ(why(""), Errno::noent);
  EXPECT_EQ(why("a\0b"sv), Errno::inval);
  EXPECT_EQ(why("a\0"sv), Errno::inval);
  EXPECT_EQ(why("a/b"), Errno::success);
}

TEST(Path, BoundsPathsAndNames) {
  EXPECT_EQ(why(std::string(255, 'n')), Errno::success);
  EXPECT_EQ(why(std::string(256, 'n')), Errno::nametoolong);
  EXPECT_EQ(why("a/" + std::string(256, 'n') + "/b"), Errno::nametoolong);
  std::string longest;
  while (longest.size() < kMaxPath) longest += "/";
  EXPECT_EQ(why(longest), Errno::success);
  EXPECT_EQ(why(longest + "/"), Errno::nametoolong);
}

TEST(Path, IsUtf8ForCapabilitiesAndBytesForPosix) {
  EXPECT_EQ(why("gr\xC3\xBC\xC3\x9F/\xF0\x9F\x8C\x8A"), Errno::success);
  for (const std::string_view bad :
       {"\x80"sv, "\xC0\xAF"sv, "\xC3"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv, "\xF0\x8F\xBF\xBF"sv,
        "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xE2\x82"sv, "\xE2\x28\xA1"sv}) {
    EXPECT_EQ(why(bad), Errno::ilseq);
    EXPECT_EQ(why(bad, PathRules::rooted), Errno::success);
  }
}

TEST(Path, TakesComponentsWithoutTheirSlashes) {
  std::string_view rest = "//a///b/";
  EXPECT_EQ(take_component(rest), "a");
  EXPECT_EQ(rest, "///b/");
  EXPECT_FALSE(is_finished(rest));
  EXPECT_EQ(take_component(rest), "b");
  EXPECT_TRUE(is_finished(rest));
  EXPECT_EQ(take_component(rest), "");
}

TEST(Path, FindsDotDotAsAComponentOnly) {
  EXPECT_TRUE(has_dot_dot(".."));
  EXPECT_TRUE(has_dot_dot("a/../b"));
  EXPECT_TRUE(has_dot_dot("a/.."));
  EXPECT_FALSE(has_dot_dot("..."));
  EXPECT_FALSE(has_dot_dot("a..b/..c/d.."));
}

TEST(Path, AppendsNormalised) {
  std::string path = "/x";
  append_path(path, "./a//b/.");
  EXPECT_EQ(path, "/x/a/b");
}

}  // namespace
}  // namespace brink::wasi::files
