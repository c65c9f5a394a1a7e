#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "wasi/testing/fake_family.h"
#include "wasi/testing/guest.h"
#include "wasi/thread_types.h"

namespace brink::wasi::testing {
namespace {

class FutexCalls : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kWord = 0x4000;
  static constexpr std::uint32_t kWrong = kWord + 2;

  std::uint32_t* word() { return reinterpret_cast<std::uint32_t*>(guest.memory.data() + kWord); }
  std::uint32_t for_ever() { return guest.put_value(GuestOptionTimestamp{}); }
  std::uint32_t within(std::uint64_t nanoseconds) {
    return guest.put_value(GuestOptionTimestamp{1, {}, nanoseconds});
  }
  unsigned woken() { return guest.at<std::uint8_t>(out); }

  FakeFamily family;
  Guest guest{{.profile = kWasix, .family = &family}};
  std::uint32_t out = guest.room(1);
};

TEST_F(FutexCalls, WaitReturnsAtOnceWhenTheWordHasChanged) {
  *word() = 5;
  EXPECT_EQ(guest.call("futex_wait", kWord, 4, for_ever(), out), Errno::success);
  EXPECT_EQ(woken(), 1u);
}

TEST_F(FutexCalls, WaitIsForTheWordAndWokenWhateverEndsIt) {
  *word() = 5;
  EXPECT_EQ(guest.call("futex_wait", kWord, 5, for_ever(), out), kWaits);
  EXPECT_EQ(guest.wait().futex().word, word());
  EXPECT_EQ(guest.wait().futex().expected, 5u);
  EXPECT_FALSE(guest.wait().deadline());
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(woken(), 1u);
}

TEST_F(FutexCalls, WaitThatEndsInTimeIsNoError) {
  *word() = 5;
  EXPECT_EQ(guest.call("futex_wait", kWord, 5, within(1000), out), kWaits);
  EXPECT_EQ(guest.wait().deadline(), guest.clock.now() + Duration(1000));
  guest.clock.advance(Duration(1000));
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(woken(), 0u);
  EXPECT_EQ(guest.call("futex_wait", kWord, 5, within(0), out), Errno::success);
  EXPECT_EQ(woken(), 0u);
}

TEST_F(FutexCalls, ASignalDoesNotMakeAWaitFail) {
  *word() = 5;
  guest.caller.exported = {"handler"};
  guest.call("callback_signal", guest.put("handler"), 7);
  EXPECT_EQ(guest.call("futex_wait", kWord, 5, for_ever(), out), kWaits);
  guest.process->signals().raise(10);
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(woken(), 1u);
  EXPECT_EQ(guest.caller.called.size(), 1u);
}

TEST_F(FutexCalls, AloneInAWorkerAWaitEndsSometime) {
  Guest alone({.profile = kWasix});
  const std::uint32_t result = alone.room(1);
  const std::uint32_t forever = alone.put_value(GuestOptionTimestamp{});
  std::memset(alone.memory.data() + kWord, 0, 4);
  EXPECT_EQ(alone.call("futex_wait", kWord, 0, forever, result), kWaits);
  EXPECT_EQ(alone.wait().futex().word, nullptr);
  EXPECT_TRUE(alone.wait().deadline());
}

TEST_F(FutexCalls, WakeSaysWhetherSomebodyWaited) {
  *word() = 0;
  EXPECT_EQ(guest.call("futex_wake", kWord, out), Errno::success);
  EXPECT_EQ(woken(), 0u);
  EXPECT_EQ(guest.call("futex_wake_all", kWord, out), Errno::success);
  EXPECT_EQ(woken(), 0u);
}

TEST_F(FutexCalls, WakeWakesOneAndWakeAllTheRest) {
  *word() = 0;
  std::atomic<int> awake{0};
  const auto wait = [&] {
    ::syscall(SYS_futex, word(), FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, nullptr, nullptr, 0);
    ++awake;
  };
  std::thread first(wait);
  do guest.call("futex_wake", kWord, out);
  while (woken() != 1);
  first.join();
  EXPECT_EQ(awake, 1);
  std::thread second(wait);
  std::thread third(wait);
  // Until both have come to wait.
  while (awake < 3) guest.call("futex_wake_all", kWord, out);
  second.join();
  third.join();
}

TEST_F(FutexCalls, RefuseWordsThatDoNotExist) {
  EXPECT_EQ(guest.call("futex_wait", kWrong, 0, for_ever(), out), Errno::inval);
  EXPECT_EQ(guest.call("futex_wait", 0xffff'fffc, 0, for_ever(), out), Errno::fault);
  EXPECT_EQ(guest.call("futex_wake", 0xffff'fffc, out), Errno::fault);
  EXPECT_EQ(guest.call("futex_wake_all", kWord, 0xffff'ffff), Errno::fault);
}

}  // namespace
}  // namespace brink::wasi::testing
