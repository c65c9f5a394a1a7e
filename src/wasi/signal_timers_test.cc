#include "wasi/signal_timers.h"

#include <gtest/gtest.h>

namespace brink::wasi {
namespace {

constexpr MonotonicTime at(std::int64_t time) { return {Duration(time)}; }

TEST(SignalTimers, FireOnceOrAgainAndAgain) {
  SignalTimers timers;
  SignalSet signals;
  timers.set(14, {Duration(100), Duration(0)}, at(1000));
  timers.set(10, {Duration(50), Duration(20)}, at(1000));
  EXPECT_EQ(timers.next(), at(1050));
  timers.fire(at(1049), signals);
  EXPECT_EQ(signals.bits(), 0u);
  timers.fire(at(1050), signals);
  EXPECT_EQ(signals.take(~0ULL), 10u);
  EXPECT_EQ(timers.next(), at(1070));
  timers.fire(at(1100), signals);
  EXPECT_EQ(signals.take(~0ULL), 10u);
  EXPECT_EQ(signals.take(~0ULL), 14u);
  EXPECT_EQ(signals.take(~0ULL), 0u);
  EXPECT_EQ(timers.next(), at(1110)) << "in step with its start";
}

TEST(SignalTimers, SayHowTheyWereSet) {
  SignalTimers timers;
  EXPECT_EQ(timers.set(14, {Duration(100), Duration(7)}, at(0)).left, Duration(0));
  const SignalTimers::Setting before = timers.set(14, {}, at(60));
  EXPECT_EQ(before.left, Duration(40));
  EXPECT_EQ(before.interval, Duration(7));
  EXPECT_FALSE(timers.next());
}

TEST(SignalTimers, TimesBeyondTheEndOfTimeNeverCome) {
  SignalTimers timers;
  SignalSet signals;
  timers.set(14, {Duration::max(), Duration::max()}, at(1000));
  timers.fire(at(INT64_MAX - 1), signals);
  EXPECT_EQ(signals.bits(), 0u);
}

}  // namespace
}  // namespace brink::wasi
