#include "http/date_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace brink::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DateCache, WritesImfFixdate) {
  DateCache cache;
  EXPECT_EQ(cache.value(seconds(784'111'777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.value(seconds(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(cache.value(seconds(951'782'399)), "Mon, 28 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(cache.value(seconds(951'782'400)), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(cache.value(seconds(4'102'444'800)), "Fri, 01 Jan 2100 00:00:00 GMT");
}

TEST(DateCache, WritesAWholeFieldLine) {
  DateCache cache;
  EXPECT_EQ(cache.field_line(seconds(784'111'777)), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}

TEST(DateCache, ChangesWithTheSecondOnly) {
  DateCache cache;
  const std::string first(cache.value(milliseconds(999)));
  EXPECT_EQ(first, "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(cache.value(milliseconds(1000)), "Thu, 01 Jan 1970 00:00:01 GMT");
  EXPECT_EQ(cache.value(milliseconds(1999)), "Thu, 01 Jan 1970 00:00:01 GMT");
}

TEST(DateCache, FollowsAClockThatIsSetBack) {
  DateCache cache;
  EXPECT_EQ(cache.value(seconds(100)), "Thu, 01 Jan 1970 00:01:40 GMT");
  EXPECT_EQ(cache.value(seconds(99)), "Thu, 01 Jan 1970 00:01:39 GMT");
  EXPECT_EQ(cache.value(seconds(-5)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace brink::http
