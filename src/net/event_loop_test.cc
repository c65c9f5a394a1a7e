#include "net/event_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <vector>

namespace brink::net {
namespace {

struct Recorder final : EventHandler {
  std::function<void(std::uint32_t)> then = [](std::uint32_t) {};
  std::vector<std::uint32_t> seen;
  void on_events(std::uint32_t events) override {
    seen.push_back(events);
    then(events);
  }
};

struct Pair {
  UniqueFd left, right;
  Pair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
    left.reset(fds[0]);
    right.reset(fds[1]);
  }
};

class EventLoopTest : public testing::Test {
 protected:
  ManualClock clock;
  EventLoop loop = EventLoop::create(clock).value();
};

TEST_F(EventLoopTest, ReportsReadableDescriptorsUntilTheyAreRead) {
  Pair pair;
  Recorder recorder;
  ASSERT_TRUE(loop.watch(pair.left.get(), EPOLLIN, recorder));
  ASSERT_EQ(::write(pair.right.get(), "x", 1), 1);
  loop.turn(Duration(0));
  loop.turn(Duration(0));
  EXPECT_EQ(recorder.seen, (std::vector<std::uint32_t>{EPOLLIN, EPOLLIN}));
  loop.unwatch(pair.left.get(), recorder);
  loop.turn(Duration(0));
  EXPECT_EQ(recorder.seen.size(), 2U);
}

TEST_F(EventLoopTest, AnUnwatchedHandlerGetsNothingOfTheSameBatch) {
  Pair first, second;
  Recorder a, b;
  ASSERT_TRUE(loop.watch(first.left.get(), EPOLLIN, a));
  ASSERT_TRUE(loop.watch(second.left.get(), EPOLLIN, b));
  // Whichever comes first takes the other out.
  a.then = [&](std::uint32_t) { loop.unwatch(second.left.get(), b); };
  b.then = [&](std::uint32_t) { loop.unwatch(first.left.get(), a); };
  ASSERT_EQ(::write(first.right.get(), "x", 1), 1);
  ASSERT_EQ(::write(second.right.get(), "x", 1), 1);
  loop.turn(Duration(0));
  EXPECT_EQ(a.seen.size() + b.seen.size(), 1U);
}

TEST_F(EventLoopTest, ChangesWhatIsWatched) {
  Pair pair;
  Recorder recorder;
  ASSERT_TRUE(loop.watch(pair.left.get(), 0, recorder));
  loop.turn(Duration(0));
  EXPECT_TRUE(recorder.seen.empty());
  loop.change(pair.left.get(), EPOLLOUT, recorder);
  loop.turn(Duration(0));
  EXPECT_EQ(recorder.seen, std::vector<std::uint32_t>{EPOLLOUT});
  loop.unwatch(pair.left.get(), recorder);
}

TEST_F(EventLoopTest, ReadsTheClockOncePerTurn) {
  const MonotonicTime before = loop.now();
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(loop.now(), before);
  loop.turn(Duration(0));
  EXPECT_EQ(loop.now() - before, Duration(std::chrono::seconds(5)));
}

}  // namespace
}  // namespace brink::net
