#include "package/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace brink::package {
namespace {

using namespace std::chrono_literals;

TEST(LimitTable, HoldsEveryDefaultWithinItsBounds) {
  std::set<std::string_view> keys;
  for (const LimitRow& row : kLimits) {
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
    EXPECT_LT(row.min, row.max) << row.key;
    EXPECT_EQ(find_limit(row.key), &row);
    if (row.key == "memory_sum") continue;  // depends on the machine
    LimitOverrides overrides;
    EXPECT_TRUE(overrides.set(row.key, value_text(row, Limits{}))) << row.key;
    Limits limits;
    overrides.apply(limits);
    EXPECT_EQ(limits, Limits{}) << row.key;
  }
}

TEST(LimitTable, AcceptsBothEndsOfEachRange) {
  for (const LimitRow& row : kLimits) {
    LimitOverrides overrides;
    EXPECT_TRUE(overrides.set(row.key, bound_text(row, row.min))) << row.key;
    EXPECT_EQ(overrides.get(row.key), row.min);
    EXPECT_TRUE(overrides.set(row.key, bound_text(row, row.max))) << row.key;
    EXPECT_EQ(overrides.get(row.key), row.max);
  }
}

TEST(LimitOverrides, ChangeOnlyWhatWasSet) {
  LimitOverrides overrides;
  ASSERT_TRUE(overrides.set("wall_time", "5s"));
  ASSERT_TRUE(overrides.set("memory", "256MiB"));
  ASSERT_TRUE(overrides.set("queue", "0"));
  Limits limits;
  overrides.apply(limits);
  Limits expected;
  expected.wall_time = 5s;
  expected.memory = 256_MiB;
  expected.queue = 0;
  EXPECT_EQ(limits, expected);
}

TEST(LimitOverrides, SayWhatIsAllowed) {
  LimitOverrides overrides;
  const auto text = [&](std::string_view key, std::string_view value) {
    const auto result = overrides.set(key, value, ErrorCode::usage);
    if (result) return std::string("accepted");
    EXPECT_EQ(result.error().code, ErrorCode::usage);
    return result.error().text();
  };
  EXPECT_EQ(text("wall_time", "0s"), "'0s' is out of bounds; write 1ms to 1d");
  EXPECT_EQ(text("memory", "5GiB"), "'5GiB' is out of bounds; write 64KiB to 4GiB");
  EXPECT_EQ(text("open_files", "15"), "'15' is out of bounds; write 16 to 10000");
  EXPECT_EQ(text("queue", "1x"), "'1x' is not a whole number; write 0 to 65536");
  EXPECT_EQ(text("queue", "99999999999999999999"),
            "'99999999999999999999' is out of bounds; write 0 to 65536");
  EXPECT_EQ(text("memroy", "1MiB"), "there is no limit 'memroy'; did you mean memory?");
  EXPECT_THAT(text("colour", "1"), testing::StartsWith("there is no limit 'colour'; the limits are "
                                                       "wall_time, cpu_time, memory, "));
  EXPECT_THAT(text("grace", "ten"), testing::HasSubstr("is not a duration"));
  Limits limits;
  overrides.apply(limits);
  EXPECT_EQ(limits, Limits{});
}

}  // namespace
}  // namespace brink::package
