#include "worker/request_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace brink::worker {
namespace {

TEST(RequestId, IsSixteenHexadecimalDigits) {
  EXPECT_EQ(RequestId(0).text(), "0000000000000000");
  EXPECT_EQ(RequestId(0x0123456789abcdef).text(), "0123456789abcdef");
  EXPECT_EQ(RequestId(~0ULL).text(), "ffffffffffffffff");
}

TEST(RequestIds, DoNotRepeat) {
  RequestIds ids(~0ULL - 100);
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(std::string(ids.next().text()));
  EXPECT_EQ(seen.size(), 10'000u);
}

}  // namespace
}  // namespace brink::worker
