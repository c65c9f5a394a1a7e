#include "http/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace brink::http {
namespace {

using testing::HasSubstr;

constexpr std::string_view kGet =
    "GET /a/b?c=d HTTP/1.1\r\nHost: Example.com:8080\r\nAccept: */*\r\nX-Empty:\r\n\r\n";

ErrorCode refusal(const RequestLimits& limits, std::string_view bytes) {
  RequestParser parser(limits);
  const auto parsed = parser.parse(bytes);
  EXPECT_FALSE(parsed) << bytes.substr(0, 80);
  return parsed ? ErrorCode::internal : parsed.error().code;
}

bool accepts(const RequestLimits& limits, std::string_view bytes) {
  RequestParser parser(limits);
  const auto parsed = parser.parse(bytes);
  return parsed && *parsed != nullptr;
}

TEST(RequestParser, TakesAHeadApart) {
  RequestParser parser{RequestLimits{}};
  const auto parsed = parser.parse(kGet);
  ASSERT_TRUE(parsed && *parsed != nullptr);
  const RequestHead& head = **parsed;
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/a/b?c=d");
  EXPECT_EQ(head.path, "/a/b");
  EXPECT_EQ(head.query, "c=d");
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.form, TargetForm::origin);
  EXPECT_EQ(head.scheme, "");
  EXPECT_EQ(head.authority, "Example.com:8080");
  EXPECT_EQ(head.host, "Example.com");
  EXPECT_EQ(head.port, 8080);
  EXPECT_EQ(head.bytes, kGet.size());
  ASSERT_EQ(head.fields.size(), 3U);
  EXPECT_EQ(head.fields[1].name, "Accept");
  EXPECT_EQ(head.fields[1].value, "*/*");
  EXPECT_EQ(head.fields[2].name, "X-Empty");
  EXPECT_EQ(head.fields[2].value, "");
}

TEST(RequestParser, PointsIntoTheBufferOnly) {
  const std::string bytes = "GET http://[::1]?q HTTP/1.1\r\nHost: [::1]:80\r\nX: y\r\n\r\n";
  RequestParser parser{RequestLimits{}};
  const auto parsed = parser.parse(bytes);
  ASSERT_TRUE(parsed && *parsed != nullptr);
  const RequestHead& head = **parsed;
  EXPECT_EQ(head.path, "/");
  EXPECT_EQ(head.host, "[::1]");
  for (const std::string_view view : {head.method, head.target, head.path, head.query, head.scheme,
                                      head.authority, head.host, head.fields[1].value}) {
    EXPECT_GE(view.data(), bytes.data()) << view;
    EXPECT_LE(view.data() + view.size(), bytes.data() + bytes.size()) << view;
  }
}

TEST(RequestParser, KeepsTheMinorVersionAsReceived) {
  for (const auto& [text, minor] : {std::pair{"1.0", 0}, {"1.1", 1}, {"1.3", 3}}) {
    RequestParser parser{RequestLimits{}};
    const std::string bytes = std::string("GET / HTTP/") + text + "\r\nHost: a\r\n\r\n";
    const auto parsed = parser.parse(bytes);
    ASSERT_TRUE(parsed && *parsed != nullptr) << text;
    EXPECT_EQ((*parsed)->minor_version, minor);
    EXPECT_EQ((*parsed)->version, minor == 0 ? Version::http10 : Version::http11);
  }
}

TEST(RequestParser, ServesPipelinedRequestsOneByOne) {
  const std::string second = "POST /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\n";
  const std::string third = "\r\nGET /3 HTTP/1.0\r\n\r\n";
  const std::string all = std::string(kGet) + second + "xyz" + third;
  std::string_view rest = all;
  RequestParser parser{RequestLimits{}};
  std::vector<std::string> seen;
  while (!rest.empty()) {
    const auto parsed = parser.parse(rest);
    ASSERT_TRUE(parsed && *parsed != nullptr) << rest;
    const RequestHead& head = **parsed;
    seen.push_back(std::string(head.path) + " " + std::string(head.host) + " " +
                   std::to_string(head.fields.size()));
    rest.remove_prefix(head.bytes + head.content_length);
    parser.reset();
  }
  EXPECT_THAT(seen, testing::ElementsAre("/a/b Example.com 3", "/2 b 2", "/3  0"));
}

TEST(RequestParser, ForgetsEverythingOfTheRequestBefore) {
  RequestParser parser{RequestLimits{}};
  const std::string first =
      "POST https://a:1/x?y HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n";
  ASSERT_TRUE(parser.parse(first));
  parser.reset();
  const auto parsed = parser.parse("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(parsed && *parsed != nullptr);
  const RequestHead& head = **parsed;
  EXPECT_EQ(head.scheme, "");
  EXPECT_EQ(head.authority, "");
  EXPECT_EQ(head.host, "");
  EXPECT_EQ(head.port, 0);
  EXPECT_FALSE(head.has_query);
  EXPECT_FALSE(head.expects_continue);
  EXPECT_EQ(head.framing, BodyFraming::none);
  EXPECT_EQ(head.content_length, 0U);
  EXPECT_TRUE(head.fields.empty());
}

TEST(RequestParser, GivesTheHeadAgainForABufferThatMoved) {
  RequestParser parser{RequestLimits{}};
  std::string bytes(kGet);
  ASSERT_TRUE(parser.parse(bytes));
  const std::string moved = bytes;
  bytes.assign(bytes.size(), '!');
  const auto again = parser.parse(moved);
  ASSERT_TRUE(again && *again != nullptr);
  EXPECT_EQ((*again)->path, "/a/b");
  EXPECT_EQ((*again)->fields[0].value, "Example.com:8080");
}

TEST(RequestParser, DoesNotReadAgainWhatItHasSeen) {
  RequestParser parser{RequestLimits{}};
  std::string bytes = "GET /aaaaaaaa";
  ASSERT_TRUE(parser.parse(bytes));
  bytes[6] = '\n';  // would end the line, if it were looked at again
  bytes += "a HTTP/1.1";
  const auto parsed = parser.parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, nullptr);
}

TEST(RequestParser, IsIdleUntilARequestBegins) {
  RequestParser parser{RequestLimits{}};
  EXPECT_TRUE(parser.idle());
  ASSERT_TRUE(parser.parse("\r\n"));
  EXPECT_TRUE(parser.idle());
  ASSERT_TRUE(parser.parse("\r\nG"));
  EXPECT_FALSE(parser.idle());
  ASSERT_TRUE(parser.parse("\r\nGET / HTTP/1.1\r\n"));
  EXPECT_FALSE(parser.idle());
  parser.reset();
  EXPECT_TRUE(parser.idle());
}

TEST(RequestParser, RepeatsARefusal) {
  RequestParser parser{RequestLimits{}};
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
  for (int i = 0; i < 2; ++i) {
    const auto parsed = parser.parse(bytes);
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message, HasSubstr("two Host fields"));
  }
}

TEST(RequestParser, TellsHowToAnswerARefusedRequest) {
  RequestParser parser{RequestLimits{}};
  ASSERT_FALSE(parser.parse("HEAD / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(parser.refused_exchange().method, MethodKind::head);
  EXPECT_EQ(parser.refused_exchange().version, Version::http11);
  EXPECT_EQ(parser.refused_exchange().persistence, Persistence::close);
  parser.reset();
  ASSERT_FALSE(parser.parse("GET / HTTP/1.0\r\nX\r\n"));
  EXPECT_EQ(parser.refused_exchange().method, MethodKind::other);
  EXPECT_EQ(parser.refused_exchange().version, Version::http10);
  parser.reset();
  ASSERT_FALSE(parser.parse("HEAD /#x HTTP/1.1\r\n"));
  EXPECT_EQ(parser.refused_exchange().method, MethodKind::head);
  EXPECT_EQ(parser.refused_exchange().version, Version::http11);
}

TEST(RequestLimits, BoundTheRequestLineExactly) {
  RequestLimits limits;
  limits.max_request_line = 20_B;
  EXPECT_TRUE(accepts(limits, "GET /345678 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(refusal(limits, "GET /3456789 HTTP/1.1\r\nHost: a\r\n\r\n"),
            ErrorCode::request_line_too_long);
  EXPECT_EQ(refusal(limits, "GET /3456789012345678901234567890"), ErrorCode::request_line_too_long);
}

TEST(RequestLimits, RefuseAnEndlessRequestLineWithoutWaitingForItsEnd) {
  RequestParser parser{RequestLimits{}};
  std::string bytes = "GET /";
  while (true) {
    const auto parsed = parser.parse(bytes);
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, ErrorCode::request_line_too_long);
      break;
    }
    ASSERT_LE(bytes.size(), 8193U + 1000U);
    bytes.append(1000, 'a');
  }
}

TEST(RequestLimits, BoundTheHeaderBlockExactly) {
  RequestLimits limits;
  limits.max_header_bytes = 19_B;
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_TRUE(accepts(limits, line + "Host: a\r\nX: 345\r\n\r\n"));
  EXPECT_EQ(refusal(limits, line + "Host: a\r\nX: 3456\r\n\r\n"), ErrorCode::headers_too_large);
  EXPECT_EQ(refusal(limits, line + "Host: a\r\nX: 34567890123"), ErrorCode::headers_too_large);
}

TEST(RequestLimits, CountTheRequestLineApartFromTheHeaderBlock) {
  RequestLimits limits;
  limits.max_header_bytes = 11_B;
  EXPECT_TRUE(accepts(limits, "GET /a/long/path/here HTTP/1.1\r\nHost: a\r\n\r\n"));
}

TEST(RequestLimits, BoundTheNumberOfFields) {
  RequestLimits limits;
  limits.max_fields = 3;
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n";
  EXPECT_TRUE(accepts(limits, head + "\r\n"));
  EXPECT_EQ(refusal(limits, head + "C: 3\r\n\r\n"), ErrorCode::headers_too_large);
}

TEST(RequestLimits, BoundTheBodyAtItsHead) {
  RequestLimits limits;
  limits.max_body = 10_B;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  EXPECT_TRUE(accepts(limits, head + "10\r\n\r\n"));
  EXPECT_EQ(refusal(limits, head + "11\r\n\r\n"), ErrorCode::body_too_large);
}

TEST(RequestLimits, TakeAHundredFieldsUnlessToldOtherwise) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 1; i < 100; ++i) head += "X-" + std::to_string(i) + ": y\r\n";
  RequestParser parser{RequestLimits{}};
  const std::string complete = head + "\r\n";
  const auto parsed = parser.parse(complete);
  ASSERT_TRUE(parsed && *parsed != nullptr);
  EXPECT_EQ((*parsed)->fields[99].name, "X-99");
  EXPECT_EQ(refusal(RequestLimits{}, head + "X-100: y\r\n\r\n"), ErrorCode::headers_too_large);
}

}  // namespace
}  // namespace brink::http
