#include "node/log_relay.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>

namespace brink::node {
namespace {

class LogRelayTest : public testing::Test {
 protected:
  static void write(const UniqueFd& pipe, std::string_view text) {
    ASSERT_EQ(::write(pipe.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// All events that are there now.
  void turn() {
    for (int i = 0; i < 4; ++i) loop.turn(Duration(0));
  }
  [[nodiscard]] std::string log() const {
    std::string text(1 << 22, '\0');
    text.resize(static_cast<std::size_t>(::pread(target.get(), text.data(), text.size(), 0)));
    return text;
  }

  ManualClock clock;
  net::EventLoop loop = net::EventLoop::create(clock).value();
  UniqueFd target{::memfd_create("log", MFD_CLOEXEC)};
  LogRelay relay{loop, target.get()};
};

TEST_F(LogRelayTest, CopiesLinesOnlyOnceTheyAreComplete) {
  const UniqueFd pipe = relay.open().value();
  write(pipe, "one\ntw");
  turn();
  EXPECT_EQ(log(), "one\n");
  write(pipe, "o\n");
  turn();
  EXPECT_EQ(log(), "one\ntwo\n");
}

TEST_F(LogRelayTest, LinesOfTwoWorkersDoNotMix) {
  const UniqueFd left = relay.open().value();
  const UniqueFd right = relay.open().value();
  write(left, "left ");
  write(right, "right ");
  turn();
  write(left, "left\n");
  write(right, "right\n");
  turn();
  EXPECT_TRUE(log() == "left left\nright right\n" || log() == "right right\nleft left\n") << log();
}

TEST_F(LogRelayTest, TheLastWordsOfADeadWorkerAreALineOfTheirOwn) {
  UniqueFd dying = relay.open().value();
  const UniqueFd other = relay.open().value();
  write(dying, "last wor");
  dying.reset();
  turn();
  write(other, "next\n");
  turn();
  EXPECT_EQ(log(), "last wor\nnext\n");
}

TEST_F(LogRelayTest, FollowsThePipeUntilAllCopiesAreClosed) {
  UniqueFd pipe = relay.open().value();
  const UniqueFd copy(::fcntl(pipe.get(), F_DUPFD_CLOEXEC, 0));
  pipe.reset();
  turn();
  write(copy, "still here\n");
  turn();
  EXPECT_EQ(log(), "still here\n");
}

TEST_F(LogRelayTest, ALineWithoutEndComesInPieces) {
  const UniqueFd pipe = relay.open().value();
  const std::string piece(32 << 10, 'x');
  for (int i = 0; i < 40; ++i) {
    write(pipe, piece);
    turn();
  }
  EXPECT_GT(log().size(), std::size_t{1} << 20);
}

TEST_F(LogRelayTest, DrainingCopiesAllThatIsThere) {
  const UniqueFd pipe = relay.open().value();
  ::fcntl(pipe.get(), F_SETPIPE_SZ, 1 << 20);
  std::string lines;
  while (lines.size() < 300'000) lines += "a line of some length\n";
  write(pipe, lines + "the end");
  // As a call before may have left it.
  errno = EAGAIN;
  relay.drain();
  EXPECT_EQ(log(), lines + "the end\n");
}

TEST_F(LogRelayTest, WritesTheNodesOwnLines) {
  relay.write("node\n");
  EXPECT_EQ(log(), "node\n");
}

TEST_F(LogRelayTest, AReaderThatDoesNotReadMissesLinesAndStopsNobody) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);  // a blocking pipe, as a shell makes it
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  LogRelay stuck(loop, writer.get());
  const std::string line(1023, 'x');
  // Far more than any pipe holds: this returns all the same.
  for (int i = 0; i < 4096; ++i) stuck.write(line + "\n");
  EXPECT_GT(::fcntl(reader.get(), F_GETPIPE_SZ), 0);
}

TEST_F(LogRelayTest, ATargetThatIsGoneIsNoFailure) {
  const UniqueFd pipe = relay.open().value();
  target.reset(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  write(pipe, "lost\n");
  turn();
}

}  // namespace
}  // namespace brink::node
