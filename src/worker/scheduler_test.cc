#include "worker/scheduler.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace brink::worker {
namespace {

using namespace std::chrono_literals;

struct Job final : Runnable {
  Job(std::string& trace, char name) : trace_(trace), name_(name) {}
  void run_slice() override {
    trace_ += name_;
    if (then) then();
  }
  std::function<void()> then;

 private:
  std::string& trace_;
  char name_;
};

class SchedulerTest : public testing::Test {
 protected:
  MonotonicTime at(Duration when) { return MonotonicTime{when}; }

  std::string trace;
  Scheduler scheduler;
  Job a{trace, 'a'}, b{trace, 'b'}, c{trace, 'c'};
};

TEST_F(SchedulerTest, RunsOneSlicePerTurnInOrder) {
  a.then = [&] { scheduler.push(a); };
  scheduler.push(a);
  scheduler.push(b);
  scheduler.turn(at(0s));
  EXPECT_EQ(trace, "a");
  scheduler.turn(at(0s));
  scheduler.turn(at(0s));
  EXPECT_EQ(trace, "aba");
}

TEST_F(SchedulerTest, WakesSleepersByTheirTime) {
  scheduler.sleep(a, at(3s));
  scheduler.sleep(b, at(1s));
  scheduler.sleep(c, at(1s));
  EXPECT_EQ(scheduler.next_wake(), at(1s));
  scheduler.turn(at(999ms));
  EXPECT_EQ(trace, "");
  scheduler.turn(at(1s));
  EXPECT_TRUE(scheduler.has_ready()) << "one ran, the other is next";
  scheduler.turn(at(1s));
  EXPECT_EQ(trace.size(), 2u);
  EXPECT_EQ(scheduler.next_wake(), at(3s));
}

TEST_F(SchedulerTest, ForgetsSleepersAndThoseAlreadyWoken) {
  scheduler.sleep(a, at(1s));
  scheduler.sleep(b, at(1s));
  scheduler.sleep(c, at(2s));
  scheduler.forget(c, at(2s));
  EXPECT_EQ(scheduler.next_wake(), at(1s));
  scheduler.push(c);
  scheduler.turn(at(1s));  // runs c, and wakes the others
  scheduler.forget(a, at(1s));
  scheduler.forget(b, at(1s));
  EXPECT_FALSE(scheduler.has_ready());
  scheduler.turn(at(5s));
  EXPECT_EQ(trace, "c");
}

TEST_F(SchedulerTest, LetsASliceForgetAnotherOne) {
  a.then = [&] { scheduler.forget(b, std::nullopt); };
  scheduler.push(a);
  scheduler.push(b);
  scheduler.turn(at(0s));
  scheduler.turn(at(0s));
  EXPECT_EQ(trace, "a");
}

}  // namespace
}  // namespace brink::worker
