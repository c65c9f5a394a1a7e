#include "http/body_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace brink::http {
namespace {

using enum BodyPiece::State;

TEST(LengthBody, EndsAfterExactlyItsLength) {
  BodyDecoder decoder;
  decoder.begin(BodyFraming::length, 5, RequestLimits{});
  EXPECT_EQ(decoder.known_remaining(), 5U);
  auto piece = decoder.feed("hel");
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->state, data);
  EXPECT_EQ(piece->data, "hel");
  EXPECT_FALSE(decoder.done());
  EXPECT_EQ(decoder.known_remaining(), 2U);
  piece = decoder.feed("loGET /");
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->data, "lo");
  EXPECT_EQ(piece->consumed, 2U);
  EXPECT_TRUE(decoder.done());
  piece = decoder.feed("GET /");
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->state, done);
  EXPECT_EQ(piece->consumed, 0U);
  EXPECT_EQ(decoder.received(), 5U);
}

TEST(LengthBody, WaitsWhenNothingHasArrived) {
  BodyDecoder decoder;
  decoder.begin(BodyFraming::length, 1, RequestLimits{});
  const auto piece = decoder.feed("");
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->state, need_more);
}

TEST(LengthBody, IsDoneAtOnceWhenEmpty) {
  for (const BodyFraming framing : {BodyFraming::none, BodyFraming::length}) {
    BodyDecoder decoder;
    decoder.begin(framing, 0, RequestLimits{});
    EXPECT_TRUE(decoder.done());
    const auto piece = decoder.feed("GET");
    ASSERT_TRUE(piece);
    EXPECT_EQ(piece->state, done);
    EXPECT_EQ(piece->consumed, 0U);
  }
}

TEST(LengthBody, IsRefusedAboveTheLimitBeforeItsFirstByte) {
  RequestLimits limits;
  limits.max_body = 4_B;
  BodyDecoder decoder;
  decoder.begin(BodyFraming::length, 5, limits);
  const auto piece = decoder.feed("");
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error().code, ErrorCode::body_too_large);
}

TEST(ChunkedBody, HandsOutViewsOfTheInput) {
  const std::string input = "5\r\nhello\r\n0\r\n\r\n";
  BodyDecoder decoder;
  decoder.begin(BodyFraming::chunked, 0, RequestLimits{});
  const auto piece = decoder.feed(input);
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->data, "hello");
  EXPECT_EQ(piece->data.data(), input.data() + 3);
  EXPECT_EQ(piece->consumed, 8U);
}

TEST(ChunkedBody, AllowsExactlyTheLimit) {
  RequestLimits limits;
  limits.max_body = 6_B;
  const std::string prefix = "3\r\nabc\r\n3\r\nabc\r\n";
  for (const auto& [end, code] : {std::pair<std::string, ErrorCode>{"0\r\n\r\n", ErrorCode{}},
                                  {"1\r\n", ErrorCode::body_too_large}}) {
    const std::string all = prefix + end;
    std::string_view input = all;
    BodyDecoder decoder;
    decoder.begin(BodyFraming::chunked, 0, limits);
    Result<BodyPiece> piece = BodyPiece{};
    do {
      piece = decoder.feed(input);
      if (piece) input.remove_prefix(piece->consumed);
    } while (piece && piece->state == data);
    EXPECT_EQ(decoder.received(), 6U);
    if (code == ErrorCode{}) {
      EXPECT_TRUE(decoder.done());
    } else {
      ASSERT_FALSE(piece);
      EXPECT_EQ(piece.error().code, code);
    }
  }
}

TEST(ChunkedBody, OwnsItsTrailers) {
  BodyDecoder decoder;
  decoder.begin(BodyFraming::chunked, 0, RequestLimits{});
  {
    std::string input = "0\r\nServer-Timing: db\r\nX-Sum: ";
    ASSERT_TRUE(decoder.feed(input));
    input.assign(input.size(), '!');
  }
  ASSERT_TRUE(decoder.feed("42\r\n\r\n"));
  ASSERT_TRUE(decoder.done());
  const auto fields = decoder.trailers().fields();
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "Server-Timing");
  EXPECT_EQ(fields[0].value, "db");
  EXPECT_EQ(fields[1].value, "42");
}

TEST(ChunkedBody, StartsAfreshForTheNextRequest) {
  RequestLimits limits;
  limits.max_chunk_extension_bytes = 4_B;
  limits.max_trailer_bytes = 10_B;
  BodyDecoder decoder;
  decoder.begin(BodyFraming::chunked, 0, limits);
  ASSERT_TRUE(decoder.feed("0;ext\r\nX: 1\r\n\r\n"));
  decoder.begin(BodyFraming::chunked, 0, limits);
  EXPECT_FALSE(decoder.done());
  EXPECT_EQ(decoder.received(), 0U);
  EXPECT_TRUE(decoder.trailers().fields().empty());
  ASSERT_TRUE(decoder.feed("0;new\r\n\r\n"));
  EXPECT_TRUE(decoder.done());
  EXPECT_TRUE(decoder.trailers().fields().empty());
}

TEST(ChunkedBody, KnowsOnlyTheRestOfItsChunk) {
  BodyDecoder decoder;
  decoder.begin(BodyFraming::chunked, 0, RequestLimits{});
  EXPECT_EQ(decoder.known_remaining(), 0U);
  ASSERT_TRUE(decoder.feed("a\r\nabc"));
  EXPECT_EQ(decoder.known_remaining(), 7U);
}

TEST(Trailers, RefuseWhatFramesRoutesOrAuthenticates) {
  for (const std::string_view name :
       {"Content-Length", "TRANSFER-ENCODING", "host", "Trailer", "TE", "Connection", "Upgrade",
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Content-Encoding",
        "Content-Type", "Expect", "Range", "If-Match", "Forwarded", "X-Forwarded-For", "Proxy"}) {
    EXPECT_TRUE(is_forbidden_in_trailers(name)) << name;
  }
  for (const std::string_view name : {"ETag", "Server-Timing", "Digest", "X-Host", "Grpc-Status"}) {
    EXPECT_FALSE(is_forbidden_in_trailers(name)) << name;
  }
}

}  // namespace
}  // namespace brink::http
