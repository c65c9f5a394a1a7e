#include "http/response.h"

#include <gtest/gtest.h>

namespace brink::http {
namespace {

using enum AnswerBody;
constexpr Exchange kKeep{Version::http11, MethodKind::other, Persistence::keep_alive};

Exchange with_method(MethodKind method) {
  Exchange exchange = kKeep;
  exchange.method = method;
  return exchange;
}

Exchange http10(Persistence persistence) {
  return {Version::http10, MethodKind::other, persistence};
}

TEST(AnswerFraming, StatesAKnownLength) {
  const AnswerFraming framing = decide_framing(kKeep, 200, 5, Persistence::keep_alive);
  EXPECT_EQ(framing.body, length);
  EXPECT_EQ(framing.content_length, 5U);
  EXPECT_EQ(framing.persistence, Persistence::keep_alive);
}

TEST(AnswerFraming, StatesALengthOfZero) {
  const AnswerFraming framing = decide_framing(kKeep, 404, 0, Persistence::keep_alive);
  EXPECT_EQ(framing.body, length);
  EXPECT_EQ(framing.content_length, 0U);
}

TEST(AnswerFraming, ChunksAnUnknownLengthForHttp11) {
  const AnswerFraming framing = decide_framing(kKeep, 200, {}, Persistence::keep_alive);
  EXPECT_EQ(framing.body, chunked);
  EXPECT_FALSE(framing.content_length);
  EXPECT_EQ(framing.persistence, Persistence::keep_alive);
}

TEST(AnswerFraming, EndsAnUnknownLengthForHttp10ByClosing) {
  const AnswerFraming framing =
      decide_framing(http10(Persistence::keep_alive), 200, {}, Persistence::keep_alive);
  EXPECT_EQ(framing.body, until_close);
  EXPECT_EQ(framing.persistence, Persistence::close);
}

TEST(AnswerFraming, KeepsAnHttp10ConnectionWithAKnownLength) {
  const AnswerFraming framing =
      decide_framing(http10(Persistence::keep_alive), 200, 3, Persistence::keep_alive);
  EXPECT_EQ(framing.body, length);
  EXPECT_EQ(framing.persistence, Persistence::keep_alive);
  EXPECT_EQ(framing.version, Version::http10);
}

TEST(AnswerFraming, ClosesWhenEitherSideWantsTo) {
  Exchange closing = kKeep;
  closing.persistence = Persistence::close;
  EXPECT_EQ(decide_framing(closing, 200, 1, Persistence::keep_alive).persistence,
            Persistence::close);
  EXPECT_EQ(decide_framing(kKeep, 200, 1, Persistence::close).persistence, Persistence::close);
}

TEST(AnswerFraming, GivesHeadTheLengthAndNoBody) {
  const Exchange head = with_method(MethodKind::head);
  AnswerFraming framing = decide_framing(head, 200, 7, Persistence::keep_alive);
  EXPECT_EQ(framing.body, none);
  EXPECT_EQ(framing.content_length, 7U);
  framing = decide_framing(head, 200, {}, Persistence::keep_alive);
  EXPECT_EQ(framing.body, none);
  EXPECT_FALSE(framing.content_length);
  EXPECT_EQ(framing.persistence, Persistence::keep_alive);
}

TEST(AnswerFraming, Gives204NeitherBodyNorLength) {
  const AnswerFraming framing = decide_framing(kKeep, 204, 7, Persistence::keep_alive);
  EXPECT_EQ(framing.body, none);
  EXPECT_FALSE(framing.content_length);
}

TEST(AnswerFraming, Gives304TheLengthOfTheOtherAnswerAndNoBody) {
  EXPECT_EQ(decide_framing(kKeep, 304, 7, Persistence::keep_alive).content_length, 7U);
  const AnswerFraming framing = decide_framing(kKeep, 304, {}, Persistence::keep_alive);
  EXPECT_EQ(framing.body, none);
  EXPECT_FALSE(framing.content_length);
}

TEST(AnswerFraming, Gives205LengthZero) {
  const AnswerFraming framing = decide_framing(kKeep, 205, {}, Persistence::keep_alive);
  EXPECT_EQ(framing.body, none);
  EXPECT_EQ(framing.content_length, 0U);
}

TEST(AnswerFraming, GivesATunnelNeitherBodyNorLength) {
  const Exchange connect = with_method(MethodKind::connect);
  const AnswerFraming framing = decide_framing(connect, 200, 7, Persistence::keep_alive);
  EXPECT_EQ(framing.body, none);
  EXPECT_FALSE(framing.content_length);
  EXPECT_EQ(decide_framing(connect, 501, 7, Persistence::keep_alive).body, length);
}

TEST(Exchange, RemembersWhatAnAnswerNeeds) {
  RequestHead head;
  head.method = "HEAD";
  head.version = Version::http10;
  head.persistence = Persistence::close;
  const Exchange exchange = Exchange::of(head);
  EXPECT_EQ(exchange.method, MethodKind::head);
  EXPECT_EQ(exchange.version, Version::http10);
  EXPECT_EQ(exchange.persistence, Persistence::close);
  head.method = "head";
  EXPECT_EQ(Exchange::of(head).method, MethodKind::other);
  head.method = "CONNECT";
  EXPECT_EQ(Exchange::of(head).method, MethodKind::connect);
}

TEST(ReasonPhrase, KnowsTheRegistry) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(reason_phrase(599), "Unknown");
}

}  // namespace
}  // namespace brink::http
