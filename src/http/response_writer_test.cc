#include "http/response_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace brink::http {
namespace {

using testing::HasSubstr;

constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
constexpr AnswerFraming kFive{AnswerBody::length, 5, Persistence::keep_alive, Version::http11};

std::string head_with(const AnswerFraming& framing) {
  std::string out;
  HeadWriter writer(out, 200);
  EXPECT_TRUE(writer.finish(framing, kDate));
  return out;
}

TEST(HeadWriter, WritesACompleteHead) {
  std::string out = "earlier answer";
  HeadWriter writer(out, 200);
  const std::vector<Field> fields = {{"Content-Type", "text/plain"}, {"Set-Cookie", "a"}};
  writer.fields(fields).field("Set-Cookie", "b").field("X-Empty", "");
  ASSERT_TRUE(writer.finish(kFive, kDate));
  EXPECT_EQ(out,
            "earlier answerHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a\r\n"
            "Set-Cookie: b\r\nX-Empty: \r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(HeadWriter, ChoosesTheReasonUnlessGivenOne) {
  for (const auto& [reason, line] : {std::pair{"", "HTTP/1.1 404 Not Found\r\n"},
                                     {"Gone fishing", "HTTP/1.1 404 Gone fishing\r\n"}}) {
    std::string out;
    HeadWriter writer(out, 404, reason);
    ASSERT_TRUE(writer.finish(kFive, kDate));
    EXPECT_EQ(out.substr(0, out.find('\n') + 1), line);
  }
}

TEST(HeadWriter, WritesTheFieldsOfEachFraming) {
  AnswerFraming framing = kFive;
  EXPECT_THAT(head_with(framing), HasSubstr("\r\nContent-Length: 5\r\n\r\n"));
  framing.persistence = Persistence::close;
  EXPECT_THAT(head_with(framing), HasSubstr("\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"));
  framing.persistence = Persistence::keep_alive;
  framing.version = Version::http10;
  EXPECT_THAT(head_with(framing),
              HasSubstr("\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n"));
  framing = {AnswerBody::chunked, {}, Persistence::keep_alive, Version::http11};
  EXPECT_THAT(head_with(framing), HasSubstr("GMT\r\nTransfer-Encoding: chunked\r\n\r\n"));
  framing = {AnswerBody::none, {}, Persistence::keep_alive, Version::http11};
  EXPECT_THAT(head_with(framing), HasSubstr("GMT\r\n\r\n"));
  framing = {AnswerBody::until_close, {}, Persistence::close, Version::http10};
  EXPECT_THAT(head_with(framing), HasSubstr("GMT\r\nConnection: close\r\n\r\n"));
}

TEST(HeadWriter, KeepsAGivenDate) {
  std::string out;
  HeadWriter writer(out, 200);
  writer.field("date", "Mon, 01 Jan 2024 00:00:00 GMT");
  ASSERT_TRUE(writer.finish(kFive, kDate));
  EXPECT_EQ(out.find("1994"), std::string::npos);
  EXPECT_THAT(out, HasSubstr("2024"));
}

TEST(HeadWriter, SkipsFieldsThatFrameTheMessageOrBelongToTheConnection) {
  for (const std::string_view name : {"Content-Length", "transfer-encoding", "Connection",
                                      "KEEP-ALIVE", "Proxy-Connection", "Upgrade", "TE"}) {
    std::string out;
    HeadWriter writer(out, 200);
    writer.field(name, "77");
    ASSERT_TRUE(writer.finish(kFive, kDate));
    EXPECT_EQ(out.find("77"), std::string::npos) << name;
  }
}

TEST(HeadWriter, NeverLetsAFieldBreakTheHeadApart) {
  using namespace std::string_view_literals;
  const std::vector<Field> bad = {
      {"X", "a\r\nSet-Cookie: b"},
      {"X", "a\nb"},
      {"X", "a\rb"},
      {"X", "a\0b"sv},
      {"X", "\x1b"},
      {"X\r\nY", "a"},
      {"X Y", "a"},
      {"X:", "a"},
      {"", "a"},
      {"X\0"sv, "a"},
      {"X\x80", "a"},
      {"X", "\x7f"},
      {"Date", "\n"},
  };
  for (const Field& field : bad) {
    std::string out = "before";
    HeadWriter writer(out, 200);
    writer.field("A", "1").field(field.name, field.value).field("B", "2");
    const auto finished = writer.finish(kFive, kDate);
    ASSERT_FALSE(finished) << field.name << ": " << field.value;
    EXPECT_EQ(finished.error().code, ErrorCode::guest_bad_answer);
    EXPECT_EQ(out, "before");
  }
}

TEST(HeadWriter, RefusesAReasonThatBreaksTheStatusLine) {
  std::string out;
  HeadWriter writer(out, 200, "OK\r\nX: y");
  EXPECT_FALSE(writer.finish(kFive, kDate));
  EXPECT_EQ(out, "");
}

TEST(HeadWriter, WritesFinalStatusesOnly) {
  for (const int status : {0, 99, 100, 101, 199, 600, 999, 65535}) {
    std::string out;
    HeadWriter writer(out, static_cast<std::uint16_t>(status));
    EXPECT_FALSE(writer.finish(kFive, kDate)) << status;
    EXPECT_EQ(out, "");
  }
  for (const std::uint16_t status : {std::uint16_t{200}, std::uint16_t{599}}) {
    std::string out;
    EXPECT_TRUE(HeadWriter(out, status).finish(kFive, kDate)) << status;
  }
}

TEST(InterimAnswer, HasNeitherDateNorFraming) {
  std::string out;
  ASSERT_TRUE(append_interim(out, 100, {}));
  EXPECT_EQ(out, kContinue);
  out.clear();
  const std::vector<Field> hints = {{"Link", "</a.css>; rel=preload"}};
  ASSERT_TRUE(append_interim(out, 103, hints));
  EXPECT_EQ(out, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
}

TEST(InterimAnswer, RefusesFieldsThatBreakItApart) {
  std::string out = "before";
  const std::vector<Field> bad = {{"A", "1"}, {"Link", "a\r\n\r\nHTTP/1.1 200 OK"}};
  EXPECT_FALSE(append_interim(out, 103, bad));
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace brink::http
