#include "app/thread_waiter.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace brink::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ThreadWaiterTest : public testing::Test {
 protected:
  ThreadWaiterTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }

  SystemClock clock;
  ThreadWaiter waiter{clock};
  wasm::WaitSet waits;
  UniqueFd reader, writer;
};

TEST_F(ThreadWaiterTest, ReturnsWhenADescriptorIsReady) {
  ASSERT_EQ(::write(writer.get(), "x", 1), 1);
  waits.on_fd(reader.get(), POLLIN);
  EXPECT_TRUE(waiter.wait(waits));
}

TEST_F(ThreadWaiterTest, ReturnsWhenTheOtherEndHangsUp) {
  writer.reset();
  waits.on_fd(reader.get(), POLLIN);
  EXPECT_TRUE(waiter.wait(waits));
}

TEST_F(ThreadWaiterTest, ReturnsAtTheDeadlineAndNotBefore) {
  waits.on_fd(reader.get(), POLLIN);
  const MonotonicTime deadline = clock.now() + milliseconds(20);
  waits.until(deadline);
  EXPECT_TRUE(waiter.wait(waits));
  EXPECT_GE(clock.now(), deadline);
}

TEST_F(ThreadWaiterTest, ADeadlineThatHasPassedDoesNotWait) {
  const MonotonicTime began = clock.now();
  waits.until(began + seconds(-5));
  EXPECT_TRUE(waiter.wait(waits));
  EXPECT_LT(clock.now() - began, seconds(5));
}

TEST_F(ThreadWaiterTest, TheEarliestReasonEndsTheWait) {
  waits.on_fd(reader.get(), POLLIN);
  waits.on_fd(writer.get(), POLLOUT);
  waits.until(clock.now() + seconds(3600));
  EXPECT_TRUE(waiter.wait(waits));
}

TEST_F(ThreadWaiterTest, YieldingDoesNotWait) {
  waits.on_fd(reader.get(), POLLIN);
  waits.yield();
  EXPECT_TRUE(waiter.wait(waits));
}

TEST_F(ThreadWaiterTest, ASignalEndsTheWaitSoThatTheAttemptIsRepeated) {
  struct sigaction action{};
  action.sa_handler = [](int) {};
  ASSERT_EQ(::sigaction(SIGALRM, &action, nullptr), 0);
  ::ualarm(20'000, 0);
  waits.on_fd(reader.get(), POLLIN);
  EXPECT_TRUE(waiter.wait(waits));
}

}  // namespace
}  // namespace brink::app
