#include "node/signal_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

namespace brink::node {
namespace {

TEST(SignalSource, DeliversSignalsAsEventsOfTheLoop) {
  const ManualClock clock;
  auto loop = net::EventLoop::create(clock).value();
  std::vector<int> seen;
  {
    const auto source = SignalSource::create(loop, {SIGHUP, SIGUSR1}, [&](int signal) {
                          seen.push_back(signal);
                        }).value();
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGUSR1);
    EXPECT_TRUE(seen.empty());
    loop.turn(Duration(0));
    EXPECT_EQ(seen, (std::vector<int>{SIGHUP, SIGUSR1}));
    loop.turn(Duration(0));
    EXPECT_EQ(seen.size(), 2U);
  }
  // Blocked for good, and nobody listens any more.
  ::kill(::getpid(), SIGHUP);
  loop.turn(Duration(0));
  EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace brink::node
