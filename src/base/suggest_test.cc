#include "base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace brink {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"memory", "wall_time", "cpu_time", "id"};

TEST(Suggest, FindsTheNearestWord) {
  EXPECT_EQ(suggest("memroy", kKnown), "memory");
  EXPECT_EQ(suggest("wall-time", kKnown), "wall_time");
}

TEST(Suggest, TakesASwapOfNeighboursForOneEdit) {
  constexpr std::array<std::string_view, 2> kShort = {"wcgi", "run"};
  EXPECT_EQ(suggest("wcig", kShort), "wcgi");
  EXPECT_EQ(suggest("rnu", kShort), "run");
  EXPECT_EQ(suggest("", kShort), "");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(suggest("colour", kKnown), "");
  EXPECT_EQ(suggest("xy", kKnown), "");
}

}  // namespace
}  // namespace brink
