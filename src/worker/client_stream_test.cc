#include "worker/client_stream.h"

#include <gtest/gtest.h>

#include "worker/testing/stream_pair.h"

namespace brink::worker {
namespace {

using testing::StreamPair;
using Status = ClientStream::Status;

TEST(ClientStream, ReadsWhatComesAndThenTheEnd) {
  StreamPair pair;
  EXPECT_EQ(pair.stream->read(100), Status::blocked);
  pair.send("hello");
  EXPECT_EQ(pair.stream->read(3), Status::ok);
  EXPECT_EQ(pair.stream->input().view(), "hel");
  EXPECT_EQ(pair.stream->read(100), Status::ok);
  EXPECT_EQ(pair.stream->input().view(), "hello");
  ::shutdown(pair.peer.get(), SHUT_WR);
  EXPECT_FALSE(pair.stream->input_ended());
  EXPECT_EQ(pair.stream->read(100), Status::ended);
  EXPECT_TRUE(pair.stream->input_ended());
}

TEST(ClientStream, SendsTheRestOnceThereIsRoom) {
  StreamPair pair;
  std::string text;
  for (int i = 0; text.size() < (300u << 10); ++i) text += std::to_string(i) + " ";
  pair.stream->output() = text;
  EXPECT_EQ(pair.stream->flush(), Status::blocked);
  EXPECT_GT(pair.stream->pending(), 0u);
  EXPECT_EQ(pair.stream->total_sent() + pair.stream->pending(), text.size());
  EXPECT_EQ(pair.take_all(), text);
  EXPECT_EQ(pair.stream->flush(), Status::ok);
  EXPECT_EQ(pair.stream->total_sent(), text.size());
}

TEST(ClientStream, GathersWhatIsPendingWithMore) {
  StreamPair pair;
  pair.stream->output() = "first ";
  std::string more = "second";
  const std::array pieces = {iovec{more.data(), 3}, iovec{more.data() + 3, 3}};
  std::size_t taken = 0;
  EXPECT_EQ(pair.stream->flush_with(pieces, taken), Status::ok);
  EXPECT_EQ(taken, 6u);
  EXPECT_EQ(pair.take(), "first second");
}

TEST(ClientStream, TakesNothingMoreWhileItsOwnBytesDoNotFit) {
  StreamPair pair;
  pair.stream->output().assign(300 << 10, 'a');
  std::string more(100, 'b');
  const std::array pieces = {iovec{more.data(), more.size()}};
  std::size_t taken = 1;
  EXPECT_EQ(pair.stream->flush_with(pieces, taken), Status::blocked);
  EXPECT_EQ(taken, 0u);
  EXPECT_EQ(pair.take_all(), std::string(300 << 10, 'a'));
}

TEST(ClientStream, KeepsNoWholeAnswerForAClientThatNeverCatchesUp) {
  StreamPair pair;
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    while (pair.stream->pending() < (200u << 10)) pair.stream->output().append(16 << 10, 'x');
    pair.take(100 << 10);
    pair.stream->flush();
    ASSERT_GT(pair.stream->pending(), 0u);
    most = std::max(most, pair.stream->output().size());
  }
  EXPECT_LT(most, 1u << 20);
}

TEST(ClientStream, TellsWhenThePeerIsGone) {
  StreamPair pair;
  pair.peer.reset();
  pair.stream->output() = "x";
  EXPECT_EQ(pair.stream->flush(), Status::broken);
  std::size_t taken = 0;
  EXPECT_EQ(pair.stream->flush_with({}, taken), Status::broken);
}

}  // namespace
}  // namespace brink::worker
