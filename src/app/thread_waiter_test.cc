#include "app/thread_waiter.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

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

TEST_F(ThreadWaiterTest, AnInterruptEndsTheNextWaitWhateverItIsFor) {
  prepare_wake_signal();
  waiter.begin();
  const std::uint32_t word = 5;
  waits.on_futex({&word, 5});
  waiter.interrupt();
  EXPECT_TRUE(waiter.wait(waits));
  waits.clear();
  waits.on_fd(reader.get(), POLLIN);
  waiter.interrupt();
  EXPECT_TRUE(waiter.wait(waits));
}

TEST_F(ThreadWaiterTest, AnotherThreadInterruptsAWait) {
  prepare_wake_signal();
  waiter.begin();
  const std::uint32_t word = 5;
  for (int i = 0; i < 20; ++i) {
    std::thread other([&] { waiter.interrupt(); });
    waits.clear();
    if (i % 2 == 0) {
      waits.on_futex({&word, 5});
    } else {
      waits.on_fd(reader.get(), POLLIN);
    }
    EXPECT_TRUE(waiter.wait(waits));
    other.join();
  }
}

TEST_F(ThreadWaiterTest, AFutexWaitEndsWhenTheWordDiffersAndAtItsDeadline) {
  waiter.begin();
  const std::uint32_t word = 5;
  waits.on_futex({&word, 4});
  EXPECT_TRUE(waiter.wait(waits));
  waits.clear();
  waits.on_futex({&word, 5});
  const MonotonicTime deadline = clock.now() + milliseconds(20);
  waits.until(deadline);
  EXPECT_TRUE(waiter.wait(waits));
  EXPECT_GE(clock.now(), deadline);
}

}  // namespace
}  // namespace brink::app
