#include "base/units.h"

#include <gtest/gtest.h>

namespace brink {
namespace {

using namespace std::chrono_literals;

TEST(ByteSizeText, ReadsNumbersWithDecimalAndBinaryUnits) {
  EXPECT_EQ(parse_byte_size("128MiB"), 128_MiB);
  EXPECT_EQ(parse_byte_size("512Mb"), ByteSize(512'000'000));
  EXPECT_EQ(parse_byte_size("1000.0 MB"), ByteSize(1'000'000'000));
  EXPECT_EQ(parse_byte_size("4096"), 4096_B);
}

TEST(ByteSizeText, RefusesWhatIsNoSizeAndSaysWhy) {
  for (const char* text : {"", "MiB", "12 parsecs", "-1MB", "1e9", "99999999TiB", "1MiB x"}) {
    const auto size = parse_byte_size(text);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error().code, ErrorCode::config_invalid);
    EXPECT_NE(size.error().message.find(text), std::string::npos);
  }
}

TEST(ByteSizeText, PrintsWhatItReadsBack) {
  for (const ByteSize size : {0_B, 1_B, 1000_B, 64_KiB, 128_MiB, 3_GiB}) {
    EXPECT_EQ(parse_byte_size(to_string(size)), size) << to_string(size);
  }
}

TEST(DurationText, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("30s"), Duration(30s));
  EXPECT_EQ(parse_duration("15M"), Duration(15min));
  EXPECT_EQ(parse_duration("250ms"), Duration(250ms));
  EXPECT_EQ(parse_duration("7d"), Duration(168h));
}

TEST(DurationText, RefusesCompoundsSignsAndOverflow) {
  for (const char* text : {"", "s", "1h30m", "-5s", "5 s", "1.5s", "99999999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(DurationText, SaysThatAFractionIsWrong) {
  for (const char* text : {"1.5s", "1,5s", "1.s"}) {
    EXPECT_NE(parse_duration(text).error().message.find("it has a fraction"), std::string::npos)
        << text;
  }
}

TEST(DurationText, PrintsTheShortestExactForm) {
  EXPECT_EQ(to_string(Duration(90s)), "90s");
  EXPECT_EQ(to_string(Duration(120s)), "2m");
  EXPECT_EQ(to_string(Duration(1500us)), "1500us");
}

}  // namespace
}  // namespace brink
