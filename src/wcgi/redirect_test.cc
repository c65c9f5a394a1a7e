#include "wcgi/redirect.h"

#include <gmock/gmock.h>

#include "wcgi/test_support.h"

namespace brink::wcgi {
namespace {

using testing::HasSubstr;

std::vector<std::string> names(const http::RequestHead& head) {
  std::vector<std::string> names;
  for (const auto& field : head.fields) names.emplace_back(field.name);
  return names;
}

TEST(LocalRedirects, AskForTheNewPathAndQueryByGet) {
  LocalRedirects redirects;
  const auto next = redirects.follow(request_for("POST", "/old?q"), "/new/path?a=b?c");
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->method, "GET");
  EXPECT_EQ((*next)->target, "/new/path?a=b?c");
  EXPECT_EQ((*next)->path, "/new/path");
  EXPECT_EQ((*next)->query, "a=b?c");
  EXPECT_TRUE((*next)->has_query);
  EXPECT_EQ((*next)->host, "app.example");
}

TEST(LocalRedirects, DoNotKeepTheOldQuery) {
  LocalRedirects redirects;
  const auto next = redirects.follow(request_for("GET", "/old?q"), "/new");
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->query, "");
  EXPECT_FALSE((*next)->has_query);
}

TEST(LocalRedirects, DropTheBodyAndWhatDescribesIt) {
  const std::vector<http::Field> fields = {
      {"Host", "app.example"},    {"Content-Length", "3"},   {"content-type", "a/b"},
      {"Content-Encoding", "br"}, {"Cookie", "a=b"},         {"Transfer-Encoding", "chunked"},
      {"Trailer", "x"},           {"Expect", "100-continue"}};
  auto request = request_for("POST", "/old", fields);
  request.framing = http::BodyFraming::length;
  request.content_length = 3;
  request.expects_continue = true;
  LocalRedirects redirects;
  const auto next = redirects.follow(request, "/new");
  ASSERT_TRUE(next);
  EXPECT_THAT(names(**next), testing::ElementsAre("Host", "Cookie"));
  EXPECT_EQ((*next)->framing, http::BodyFraming::none);
  EXPECT_EQ((*next)->content_length, 0);
  EXPECT_FALSE((*next)->expects_continue);
}

TEST(LocalRedirects, FollowOneAnother) {
  const std::vector<http::Field> fields = {{"Cookie", "a=b"}};
  LocalRedirects redirects;
  const auto first = redirects.follow(request_for("GET", "/0", fields), "/1");
  ASSERT_TRUE(first);
  const auto second = redirects.follow(**first, "/second/and/longer/than/any/small/buffer?x");
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->path, "/second/and/longer/than/any/small/buffer");
  EXPECT_THAT(names(**second), testing::ElementsAre("Cookie"));
  EXPECT_EQ(redirects.count(), 2);
}

TEST(LocalRedirects, MakeOriginFormOfAnAbsoluteOne) {
  auto request = request_for("GET", "http://app.example/old");
  request.form = http::TargetForm::absolute;
  request.scheme = "http";
  LocalRedirects redirects;
  const auto next = redirects.follow(request, "/new");
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->form, http::TargetForm::origin);
  EXPECT_EQ((*next)->scheme, "");
}

TEST(LocalRedirects, EndInAnErrorWhenTheyGoInCircles) {
  LocalRedirects redirects;
  const auto request = request_for("GET", "/loop");
  const http::RequestHead* current = &request;
  for (std::size_t i = 0; i < LocalRedirects::kMost; ++i) {
    const auto next = redirects.follow(*current, "/loop");
    ASSERT_TRUE(next) << i;
    current = *next;
  }
  const auto last = redirects.follow(*current, "/loop");
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::guest_bad_answer);
  EXPECT_THAT(last.error().message, HasSubstr("more than 10 local redirects"));
  redirects.reset();
  EXPECT_TRUE(redirects.follow(request, "/loop"));
}

TEST(LocalRedirects, RefuseWhatIsNoPath) {
  LocalRedirects redirects;
  for (const char* target : {"", "x", "//host/x", "/a b", "/a#b", "/a\r\nX: y", "http://x/"}) {
    const auto next = redirects.follow(request_for("GET", "/"), target);
    ASSERT_FALSE(next) << target;
    EXPECT_EQ(next.error().code, ErrorCode::guest_bad_answer);
  }
  EXPECT_EQ(redirects.count(), 0);
}

}  // namespace
}  // namespace brink::wcgi
