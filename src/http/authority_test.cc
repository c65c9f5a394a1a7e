#include "http/authority.h"

#include <gtest/gtest.h>

namespace brink::http {
namespace {

Authority parsed(std::string_view text) {
  const auto authority = parse_authority(text, "it");
  EXPECT_TRUE(authority) << text;
  return authority.value_or(Authority{});
}

TEST(Authority, IsTakenApart) {
  EXPECT_EQ(parsed("Example.com").host, "Example.com");
  EXPECT_EQ(parsed("Example.com").port, 0);
  EXPECT_EQ(parsed("a:65535").port, 65535);
  EXPECT_EQ(parsed("a:080").port, 80);
  EXPECT_EQ(parsed("a:").host, "a");
  EXPECT_EQ(parsed("[2001:db8::1]:8443").host, "[2001:db8::1]");
  EXPECT_EQ(parsed("[2001:db8::1]:8443").port, 8443);
}

TEST(Authority, NamesThePlaceInItsRefusals) {
  const auto refused = parse_authority("a b", "the Host field");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the Host field has a byte that no host name has");
  EXPECT_EQ(refused.error().code, ErrorCode::bad_request);
}

TEST(Authority, RefusesBracketsWithoutAnIpv6Address) {
  for (const std::string_view text :
       {"[1.2.3.4]", "[v1.x]", "[::g]", "[::1%25eth0]", "[:::]", "[::1]]", "[[::1]]",
        "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc]"}) {
    EXPECT_FALSE(parse_authority(text, "it")) << text;
  }
}

TEST(Authority, IsTheSameWhateverTheCaseAndTheDefaultPort) {
  EXPECT_TRUE(same_authority(parsed("A.b"), parsed("a.B"), 80));
  EXPECT_TRUE(same_authority(parsed("a:80"), parsed("a"), 80));
  EXPECT_TRUE(same_authority(parsed("a"), parsed("a:80"), 80));
  EXPECT_FALSE(same_authority(parsed("a:80"), parsed("a"), 443));
  EXPECT_FALSE(same_authority(parsed("a"), parsed("b"), 80));
  EXPECT_FALSE(same_authority(parsed("a:1"), parsed("a:2"), 80));
}

}  // namespace
}  // namespace brink::http
