#include "http/field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/chars.h"

namespace brink::http {
namespace {

using testing::ElementsAre;

std::vector<std::string> members(std::string_view value) {
  std::vector<std::string> found;
  ListValues values(value);
  for (std::string_view member; values.next(member);) found.emplace_back(member);
  return found;
}

TEST(FieldNames, AreComparedWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(equals_ignoring_case("Content-Length", "Content-Lengths"));
  EXPECT_FALSE(equals_ignoring_case("Content-Length", "Content_Length"));
  // Differ only in the bit that separates the cases, but are no letters.
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("^", "~"));
}

TEST(FieldNames, FindTheFirstOfThatName) {
  const std::vector<Field> fields = {{"A", "1"}, {"b", "2"}, {"B", "3"}};
  ASSERT_NE(find(fields, "B"), nullptr);
  EXPECT_EQ(find(fields, "B")->value, "2");
  EXPECT_EQ(find(fields, "C"), nullptr);
}

TEST(ListValues, AreTrimmedAndEmptyOnesSkipped) {
  EXPECT_THAT(members("a, b\t,,  , c d ,"), ElementsAre("a", "b", "c d"));
  EXPECT_THAT(members(""), ElementsAre());
  EXPECT_THAT(members(" , "), ElementsAre());
}

TEST(ListValues, KeepQuotedCommas) {
  EXPECT_THAT(members(R"(a="x, y", b="\", z", c)"),
              ElementsAre(R"(a="x, y")", R"(b="\", z")", "c"));
  EXPECT_THAT(members(R"("open, b)"), ElementsAre(R"("open, b)"));
  EXPECT_THAT(members("\"\\"), ElementsAre("\"\\"));
}

TEST(ListValues, AreSoughtInAllFieldsOfThatName) {
  const std::vector<Field> fields = {{"Connection", "close"}, {"connection", "x, Upgrade"}};
  EXPECT_TRUE(list_contains(fields, "Connection", "upgrade"));
  EXPECT_TRUE(list_contains(fields, "Connection", "CLOSE"));
  EXPECT_FALSE(list_contains(fields, "Connection", "clos"));
  EXPECT_FALSE(list_contains(fields, "Upgrade", "x"));
}

TEST(HopByHopFields, AreTheStandardOnesAndThoseThatConnectionNames) {
  const std::vector<Field> fields = {{"Connection", "close, X-Hop"}, {"X-Hop", "1"}, {"X", "2"}};
  for (const std::string_view name :
       {"connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade", "Proxy-Authorization", "Proxy-Authenticate"}) {
    EXPECT_TRUE(is_hop_by_hop(name)) << name;
  }
  EXPECT_FALSE(is_hop_by_hop("X-Hop"));
  EXPECT_TRUE(is_hop_by_hop("x-hop", fields));
  EXPECT_FALSE(is_hop_by_hop("X", fields));
}

TEST(CharTable, FollowsTheGrammar) {
  const std::string_view marks = "!#$%&'*+-.^_`|~";
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool alnum = (i >= '0' && i <= '9') || (i >= 'A' && i <= 'Z') || (i >= 'a' && i <= 'z');
    EXPECT_EQ(is(kToken, c), alnum || (i != 0 && marks.find(c) != marks.npos)) << i;
    EXPECT_EQ(is(kFieldValue, c), i == '\t' || (i >= ' ' && i != 0x7f)) << i;
    EXPECT_EQ(is(kTarget, c), i >= 0x21 && i <= 0x7e && i != '#') << i;
    EXPECT_EQ(is(kHex, c), hex_value(c) >= 0) << i;
  }
}

}  // namespace
}  // namespace brink::http
