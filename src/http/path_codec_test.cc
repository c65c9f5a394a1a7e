#include "http/path_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace brink::http {
namespace {

std::string decoded(std::string_view raw) {
  std::string storage = "left from before";
  const auto path = decode_path(raw, storage);
  return path ? std::string(*path) : "error: " + path.error().message;
}

TEST(PathCodec, CopiesNothingWhenThereIsNothingToDo) {
  std::string storage;
  for (const std::string_view raw : {"/", "/a/b.c", "//x", "*", "", "/a..b/c.", "/~a+b;c=d"}) {
    const auto path = decode_path(raw, storage);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->data(), raw.data());
    EXPECT_EQ(path->size(), raw.size());
  }
}

TEST(PathCodec, DecodesOnce) {
  EXPECT_EQ(decoded("/%41%62%20%7e"), "/Ab ~");
  EXPECT_EQ(decoded("/%e4%C3"), "/\xe4\xc3");
  EXPECT_EQ(decoded("/%2541"), "/%41");
  EXPECT_EQ(decoded("/%252e%252e/a"), "/%2e%2e/a");
  EXPECT_EQ(decoded("/a+b"), "/a+b");
}

TEST(PathCodec, LeavesAnEncodedSlashAsSent) {
  EXPECT_EQ(decoded("/a%2Fb%2fc"), "/a%2Fb%2fc");
  EXPECT_EQ(decoded("/x/..%2f..%2fetc"), "/x/..%2f..%2fetc");
}

TEST(PathCodec, RefusesNulAndBrokenEncoding) {
  EXPECT_EQ(decoded("/a%00"), "error: \"%00\" in the path");
  for (const std::string_view raw : {"/%", "/%4", "/%4g", "/%g4", "/%%41", "/%-1", "/% 1"}) {
    EXPECT_EQ(decoded(raw), "error: a '%' in the path without two hexadecimal digits") << raw;
  }
}

TEST(PathCodec, ResolvesDotSegments) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/a/b/c/./../../g", "/a/g"},
      {"/./", "/"},
      {"/.", "/"},
      {"/a/.", "/a/"},
      {"/a/..", "/"},
      {"/a/../", "/"},
      {"/a/b/..", "/a/"},
      {"/a/./b", "/a/b"},
      {"/a//../b", "/a/b"},
      {"/a//b/../..//c", "/a//c"},
      {"/...", "/..."},
      {"/..a/.b", "/..a/.b"},
      {"/a/%2e%2e/b", "/b"},
      {"/a/%2E/b", "/a/b"},
      {"/a/.%2e", "/"},
      {"/a/../b/../c", "/c"},
      {"/a/b/../../", "/"},
      {"//..", "/"},
      {"/a/..;/b", "/a/..;/b"},
      {"/a/.. /b", "/a/.. /b"},
  };
  for (const auto& [raw, expected] : cases) EXPECT_EQ(decoded(raw), expected) << raw;
}

TEST(PathCodec, RefusesToClimbAboveTheRoot) {
  for (const std::string_view raw : {"/..", "/../a", "/a/../..", "/a/../../b", "/./..", "/%2e%2e/",
                                     "/a/b/../../../c", "x/../../a"}) {
    EXPECT_EQ(decoded(raw), "error: a path that climbs above its root") << raw;
  }
}

}  // namespace
}  // namespace brink::http
