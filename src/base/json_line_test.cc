#include "base/json_line.h"

#include <gtest/gtest.h>

namespace brink {
namespace {

using namespace std::chrono_literals;

TEST(JsonLine, WritesOneObjectPerLine) {
  std::string out;
  JsonLine(out).field("a", "x").field("n", 7U).field("m", -1).end();
  EXPECT_EQ(out, "{\"a\":\"x\",\"n\":7,\"m\":-1}\n");
}

TEST(JsonLine, EscapesWhatWouldBreakTheLineOrTheString) {
  std::string out;
  JsonLine(out).field("t", std::string_view("a\"b\\c\n\0\x7f", 8)).end();
  EXPECT_EQ(out, "{\"t\":\"a\\\"b\\\\c\\u000a\\u0000\\u007f\"}\n");
}

TEST(JsonLine, KeepsUtf8AndEscapesOtherBytes) {
  std::string out;
  JsonLine(out).field("t", "gr\xc3\xbc\xc3\x9f \xff \xed\xa0\x80").end();
  EXPECT_EQ(out, "{\"t\":\"gr\xc3\xbc\xc3\x9f \\u00ff \\u00ed\\u00a0\\u0080\"}\n");
}

TEST(JsonLine, WritesTimesInUtcWithMicroseconds) {
  std::string out;
  JsonLine(out).time("time", 1'700'000'000s + 123'456us).end();
  EXPECT_EQ(out, "{\"time\":\"2023-11-14T22:13:20.123456Z\"}\n");
}

}  // namespace
}  // namespace brink
