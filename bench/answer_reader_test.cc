#include "answer_reader.h"

#include <gtest/gtest.h>

#include <string_view>

namespace brink::bench {
namespace {

using State = AnswerReader::State;

// The state after `bytes`, fed in two pieces at every place there is.
void expect_at_every_split(std::string_view bytes, State expected, int status) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    AnswerReader reader;
    State state = reader.feed(bytes.substr(0, cut));
    if (state == State::more) state = reader.feed(bytes.substr(cut));
    EXPECT_EQ(state, expected) << "cut at " << cut;
    EXPECT_EQ(reader.status(), status);
  }
}

TEST(AnswerReader, EndsAfterContentLengthBytes) {
  expect_at_every_split("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", State::done, 200);
}

TEST(AnswerReader, WaitsForTheRestOfTheBody) {
  expect_at_every_split("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", State::more, 200);
}

TEST(AnswerReader, EndsAfterTheLastChunk) {
  expect_at_every_split(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
      State::done, 200);
}

TEST(AnswerReader, EndsAfterAHeadWithoutABody) {
  expect_at_every_split("HTTP/1.1 204 No Content\r\n\r\n", State::done, 204);
}

TEST(AnswerReader, RefusesWhatIsNoAnswer) {
  AnswerReader reader;
  EXPECT_EQ(reader.feed("SSH-2.0\r\n"), State::broken);
}

TEST(AnswerReader, RefusesBytesAfterTheEnd) {
  AnswerReader reader;
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"), State::broken);
}

TEST(AnswerReader, RefusesAnEndlessLine) {
  AnswerReader reader;
  EXPECT_EQ(reader.feed(std::string(20000, 'x')), State::broken);
}

TEST(AnswerReader, StartsAnewAndTellsWhetherTheConnectionCloses) {
  AnswerReader reader;
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), State::done);
  EXPECT_TRUE(reader.closes());
  reader.begin();
  EXPECT_EQ(reader.feed("HTTP/1.1 503 Busy\r\n\r\n"), State::done);
  EXPECT_FALSE(reader.closes());
  EXPECT_EQ(reader.status(), 503);
}

}  // namespace
}  // namespace brink::bench
