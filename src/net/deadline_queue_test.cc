#include "net/deadline_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace brink::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Timer : DeadlineEntry {
  int id = 0;
  MonotonicTime deadline;
};

class Deadlines : public testing::Test {
 protected:
  [[nodiscard]] MonotonicTime in(Duration d) const { return now_ + d; }
  std::size_t expire() {
    return queue_.expire(now_, [](DeadlineEntry&) {});
  }
  std::size_t expire_after(Duration d) {
    now_ = now_ + d;
    return expire();
  }

  MonotonicTime now_{seconds(100)};
  DeadlineQueue queue_{now_};
};

TEST_F(Deadlines, AreNeverEarlyAndAtMostATickLate) {
  for (int ms = 0; ms < 300; ms += 7) {
    Timer timer;
    const MonotonicTime deadline = in(milliseconds(ms));
    queue_.schedule(timer, deadline);
    while (expire_after(milliseconds(1)) == 0) {
      ASSERT_LE(now_ - deadline, DeadlineQueue::kTick + milliseconds(1));
    }
    EXPECT_GE(now_, deadline);
    EXPECT_FALSE(timer.scheduled());
  }
}

TEST_F(Deadlines, AskForNoWakeUpWhenThereAreNone) {
  EXPECT_EQ(queue_.next_wake(), std::nullopt);
  Timer timer;
  queue_.schedule(timer, in(seconds(5)));
  EXPECT_NE(queue_.next_wake(), std::nullopt);
  queue_.cancel(timer);
  EXPECT_EQ(queue_.next_wake(), std::nullopt);
  queue_.cancel(timer);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(Deadlines, WakeTheOwnerOnceForADeadlineWithinAWheelTurn) {
  Timer timer;
  queue_.schedule(timer, in(seconds(20)));
  const auto wake = queue_.next_wake();
  ASSERT_TRUE(wake);
  EXPECT_GE(*wake, in(seconds(20)));
  EXPECT_LE(*wake, in(seconds(20)) + DeadlineQueue::kTick);
  now_ = *wake;
  EXPECT_EQ(expire(), 1u);
}

TEST_F(Deadlines, ReachFarBeyondOneTurnOfTheWheel) {
  Timer timer;
  const MonotonicTime deadline = in(std::chrono::hours(1));
  queue_.schedule(timer, deadline);
  int wakes = 0;
  while (timer.scheduled()) {
    now_ = queue_.next_wake().value();
    expire();
    ASSERT_LT(++wakes, 200);
  }
  EXPECT_GE(now_, deadline);
  EXPECT_LE(now_ - deadline, DeadlineQueue::kTick);
}

TEST_F(Deadlines, MoveAwayAndCloser) {
  Timer timer;
  queue_.schedule(timer, in(seconds(1)));
  queue_.schedule(timer, in(seconds(3)));
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_EQ(expire_after(seconds(2)), 0u);
  queue_.schedule(timer, in(milliseconds(100)));
  EXPECT_EQ(expire_after(milliseconds(200)), 1u);
}

TEST_F(Deadlines, AllExpireAfterALongStop) {
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<Timer>());
    queue_.schedule(*timers.back(), in(milliseconds(i * 100)));
  }
  EXPECT_EQ(expire_after(seconds(101)), 1000u);
  EXPECT_EQ(queue_.next_wake(), std::nullopt);
}

TEST_F(Deadlines, LeaveWithTheirOwner) {
  {
    Timer timer;
    queue_.schedule(timer, in(seconds(1)));
  }
  EXPECT_EQ(queue_.size(), 0u);
  EXPECT_EQ(expire_after(seconds(2)), 0u);
}

TEST_F(Deadlines, MayBeDestroyedAndRescheduledFromTheCallback) {
  auto a = std::make_unique<Timer>();
  auto b = std::make_unique<Timer>();
  queue_.schedule(*a, in(seconds(1)));
  queue_.schedule(*b, in(seconds(1)));
  Timer* survivor = nullptr;
  now_ = in(seconds(2));
  const std::size_t expired = queue_.expire(now_, [&](DeadlineEntry& entry) {
    // Whichever comes first ends the other one, and starts again.
    (&entry == a.get() ? b : a).reset();
    survivor = static_cast<Timer*>(&entry);
    queue_.schedule(entry, now_);
  });
  EXPECT_EQ(expired, 1u);
  ASSERT_NE(survivor, nullptr);
  EXPECT_TRUE(survivor->scheduled());
  EXPECT_EQ(expire_after(DeadlineQueue::kTick * 2), 1u);
}

TEST_F(Deadlines, AgreeWithAPlainListOverRandomUse) {
  std::mt19937 random(7);
  std::vector<Timer> timers(300);
  for (std::size_t i = 0; i < timers.size(); ++i) timers[i].id = static_cast<int>(i);
  for (int step = 0; step < 20'000; ++step) {
    Timer& timer = timers[random() % timers.size()];
    switch (random() % 4) {
      case 0:
      case 1:
        timer.deadline = in(milliseconds(random() % 120'000));
        queue_.schedule(timer, timer.deadline);
        break;
      case 2:
        queue_.cancel(timer);
        break;
      default:
        now_ = in(milliseconds(random() % 500));
        queue_.expire(now_, [&](DeadlineEntry& entry) {
          ASSERT_LE(static_cast<Timer&>(entry).deadline, now_);
        });
        for (const Timer& other : timers) {
          if (!other.scheduled()) continue;
          ASSERT_GT(other.deadline + DeadlineQueue::kTick, now_) << other.id;
          ASSERT_LE(queue_.next_wake().value(), other.deadline + DeadlineQueue::kTick);
        }
    }
  }
  for (Timer& timer : timers) queue_.cancel(timer);
  EXPECT_EQ(queue_.next_wake(), std::nullopt);
}

}  // namespace
}  // namespace brink::net
