#include "worker/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/testing/stream_pair.h"

namespace brink::worker {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::StreamPair;
using wcgi::Ending;

class AnswerTest : public ::testing::Test {
 protected:
  AnswerTest() {
    setup.exchange.persistence = http::Persistence::keep_alive;
    setup.method = "GET";
    setup.request_id = "id";
    setup.max_output = 64_MiB;
  }

  void begin() { answer.begin(*pair.stream, setup); }
  wasi::Outcome<std::uint64_t> write(std::string_view text) {
    const std::array buffers = {std::as_bytes(std::span(text))};
    return answer.try_write(buffers);
  }
  std::string output() { return pair.take_all(); }

  ManualClock clock;
  http::DateCache dates;
  StreamPair pair;
  AnswerSetup setup;
  Answer answer{dates, clock};
};

constexpr std::string_view kHead = "Content-Type: text/plain\n\n";

TEST_F(AnswerTest, StatesTheLengthOfWhatIsCompleteAtTheEnd) {
  begin();
  EXPECT_TRUE(write(kHead));
  EXPECT_TRUE(write("hello"));
  EXPECT_EQ(pair.stream->pending(), 0u) << "it could still become an error page";
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  const std::string text = output();
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(text, HasSubstr("X-Request-Id: id\r\n"));
  EXPECT_THAT(text, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\nhello"));
  EXPECT_EQ(answer.persistence(), http::Persistence::keep_alive);
}

TEST_F(AnswerTest, SendsChunksOnceItIsCommitted) {
  begin();
  EXPECT_TRUE(write(kHead));
  EXPECT_TRUE(write("one"));
  answer.commit();
  EXPECT_TRUE(answer.committed());
  EXPECT_THAT(output(), EndsWith("Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n"));
  EXPECT_TRUE(write("two"));
  answer.commit();
  EXPECT_EQ(output(), "3\r\ntwo\r\n");
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  EXPECT_EQ(output(), "0\r\n\r\n");
}

TEST_F(AnswerTest, EndsWithTheConnectionForHttp10) {
  setup.exchange.version = http::Version::http10;
  begin();
  EXPECT_TRUE(write(kHead));
  answer.commit();
  EXPECT_TRUE(write("body"));
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  const std::string text = output();
  EXPECT_THAT(text, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(text, EndsWith("\r\n\r\nbody"));
  EXPECT_EQ(answer.persistence(), http::Persistence::close);
  EXPECT_EQ(answer.cut(), Answer::Cut::is_hidden);
}

TEST_F(AnswerTest, WaitsForTheWholeHeadBeforeItCommits) {
  begin();
  EXPECT_TRUE(write("Content-Type: text/plain\n"));
  answer.commit();
  EXPECT_FALSE(answer.committed());
  EXPECT_EQ(answer.status(), 0u);
  EXPECT_TRUE(write("\n"));
  EXPECT_EQ(answer.status(), 200u);
}

TEST_F(AnswerTest, SendsNoBodyToHeadButItsLength) {
  setup.exchange.method = http::MethodKind::head;
  setup.method = "HEAD";
  begin();
  EXPECT_TRUE(write(kHead));
  EXPECT_TRUE(write("hello"));
  EXPECT_TRUE(answer.is_shut());
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  const std::string text = output();
  EXPECT_THAT(text, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\n"));
}

TEST_F(AnswerTest, SendsNoBodyWithNoContent) {
  begin();
  EXPECT_TRUE(write("Status: 204\n\nnothing to see"));
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  const std::string text = output();
  EXPECT_THAT(text, StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(text, EndsWith("\r\n\r\n"));
}

TEST_F(AnswerTest, TellsWhenTheBodyIsShorterThanItsLength) {
  begin();
  EXPECT_TRUE(write("Content-Type: x\nContent-Length: 10\n\nfive!"));
  EXPECT_EQ(answer.finish().ending, Ending::short_body);
  EXPECT_FALSE(answer.committed());
  begin();
  EXPECT_TRUE(write("Content-Type: x\nContent-Length: 10\n\nfive!"));
  answer.commit();
  EXPECT_EQ(answer.finish().ending, Ending::short_body);
  EXPECT_EQ(answer.cut(), Answer::Cut::shows);
}

TEST_F(AnswerTest, DropsWhatIsBeyondTheStatedLength) {
  begin();
  EXPECT_TRUE(write("Content-Type: x\nContent-Length: 3\n\nabcdef"));
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  EXPECT_THAT(output(), EndsWith("\r\n\r\nabc"));
}

TEST_F(AnswerTest, TellsNothingFromNonsense) {
  begin();
  EXPECT_EQ(answer.finish().ending, Ending::no_header);
  begin();
  const auto written = write("no header at all\n\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), wasi::Errno::pipe);
  ASSERT_TRUE(answer.fault());
  EXPECT_EQ(answer.fault()->ending, Ending::bad_header);
  EXPECT_EQ(answer.room().state, wasi::Readiness::State::hung_up);
  EXPECT_EQ(pair.stream->pending(), 0u);
}

TEST_F(AnswerTest, NeverCommitsALocalRedirect) {
  begin();
  EXPECT_TRUE(write("Location: /there\n\n"));
  EXPECT_TRUE(write(std::string(100 << 10, 'x')));
  answer.commit();
  EXPECT_EQ(answer.local_redirect(), "/there");
  EXPECT_FALSE(answer.committed());
  EXPECT_EQ(pair.stream->pending(), 0u);
}

TEST_F(AnswerTest, EndsAProgramThatWritesTooMuch) {
  setup.max_output = 1_KiB;
  begin();
  EXPECT_TRUE(write(kHead));
  EXPECT_TRUE(write(std::string(1024, 'x')));
  EXPECT_FALSE(write("y"));
  ASSERT_TRUE(answer.fault());
  EXPECT_EQ(answer.fault()->ending, Ending::output_limit);
  EXPECT_EQ(answer.finish().ending, Ending::output_limit);
}

TEST_F(AnswerTest, LetsTheProgramWaitAboveTheHighMark) {
  begin();
  EXPECT_TRUE(write(kHead));
  const std::string block(64 << 10, 'x');
  for (int i = 0; i < 20; ++i) {
    if (const auto taken = write(block); !taken) {
      EXPECT_EQ(taken.error(), wasi::Errno::again);
      break;
    }
  }
  EXPECT_GE(pair.stream->pending(), Answer::kHighMark);
  EXPECT_LT(pair.stream->pending(), Answer::kHighMark + (128 << 10));
  EXPECT_FALSE(answer.room().ready());
  output();
  EXPECT_TRUE(answer.room().ready());
  EXPECT_TRUE(write(block));
}

TEST_F(AnswerTest, SendsLargeWritesWholeThroughAFullSocket) {
  begin();
  EXPECT_TRUE(write("Content-Type: x\n\n"));
  std::string text = output();
  std::string expected;
  for (int i = 0; i < 12; ++i) {
    const std::string block(20'000 + i * 1'000, static_cast<char>('a' + i));
    ASSERT_TRUE(write(block));
    expected += block;
    if (i % 3 == 0) text += pair.take(5'000);
  }
  EXPECT_EQ(answer.finish().ending, Ending::answered);
  text += output();
  std::string body;
  std::size_t at = text.find("\r\n\r\n") + 4;
  for (;;) {
    const std::size_t size = std::stoul(text.substr(at), nullptr, 16);
    at = text.find("\r\n", at) + 2;
    if (size == 0) break;
    body += text.substr(at, size);
    ASSERT_EQ(text.substr(at + size, 2), "\r\n");
    at += size + 2;
  }
  EXPECT_TRUE(body == expected);
}

TEST_F(AnswerTest, TellsTheProgramThatItsClientIsGone) {
  begin();
  pair.peer.reset();
  EXPECT_TRUE(write(kHead));
  const std::string block(64 << 10, 'x');
  const auto written = write(block);
  ASSERT_FALSE(written);
  EXPECT_EQ(answer.fault()->ending, Ending::client_gone);
}

}  // namespace
}  // namespace brink::worker
