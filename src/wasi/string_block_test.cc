#include "wasi/string_block.h"

#include <gtest/gtest.h>

namespace brink::wasi {
namespace {

using namespace std::string_view_literals;

TEST(StringBlock, KeepsStringsWithTheirNuls) {
  StringBlock block;
  block.add("a");
  block.add("");
  block.add("NAME", "value=x");
  EXPECT_EQ(block.count(), 3U);
  EXPECT_EQ(block.bytes(), "a\0\0NAME=value=x\0"sv);
}

TEST(StringBlock, LeavesOutWhatTheGuestCouldNotSee) {
  StringBlock block;
  block.add("a\0b"sv);
  block.add("N", "v\0w"sv);
  EXPECT_EQ(block.bytes(), "a\0N=v\0"sv);
}

TEST(StringBlock, IsEmptyAfterClear) {
  StringBlock block;
  block.add("a");
  block.clear();
  EXPECT_EQ(block.count(), 0U);
  EXPECT_TRUE(block.bytes().empty());
}

}  // namespace
}  // namespace brink::wasi
