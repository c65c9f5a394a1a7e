#include "cli/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::cli {
namespace {

TEST(EndpointText, ReadsWhatItPrints) {
  for (const char* text : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:65535", "[::]:0"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_string(*endpoint), text);
  }
  EXPECT_EQ(parse_endpoint("[::1]:7")->host, "::1");
}

TEST(EndpointText, SaysWhatIsMissing) {
  const auto error = [](std::string_view text) {
    const auto endpoint = parse_endpoint(text);
    return endpoint ? "accepted" : endpoint.error().message;
  };
  EXPECT_EQ(parse_endpoint("8080").error().text(),
            "'8080' has no port; write ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080");
  EXPECT_EQ(error("::1:80"), "'::1:80' needs brackets around its IPv6 address");
  EXPECT_EQ(error("localhost:80"), "'localhost:80' does not begin with an IP address");
  EXPECT_EQ(error(":80"), "':80' does not begin with an IP address");
  EXPECT_EQ(error("[127.0.0.1]:80"), "'[127.0.0.1]:80' does not begin with an IP address");
  for (const char* text : {"1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:8x"}) {
    EXPECT_THAT(error(text), testing::HasSubstr("does not end in a port from 0 to 65535")) << text;
  }
}

}  // namespace
}  // namespace brink::cli
