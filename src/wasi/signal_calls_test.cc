#include <gtest/gtest.h>

#include "wasi/testing/fake_family.h"
#include "wasi/testing/guest.h"
#include "wasi/thread_types.h"

namespace brink::wasi::testing {
namespace {

class SignalCalls : public ::testing::Test {
 protected:
  SignalCalls() { guest.caller.exported = {"handler"}; }
  void handle(std::string_view name = "handler") {
    guest.call("callback_signal", guest.put(name), static_cast<std::uint32_t>(name.size()));
  }
  std::uint32_t last_handled() {
    return guest.caller.called.empty() ? 0 : guest.caller.called.back().at(0);
  }

  FakeFamily family;
  Guest guest{{.profile = kWasix, .family = &family}};
  std::uint32_t out = guest.room(8);
};

TEST_F(SignalCalls, TellOfTheDispositionsAtTheStart) {
  EXPECT_EQ(guest.call("proc_signals_sizes_get", out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 1u) << "with none a libc would not set up its own";
  EXPECT_EQ(guest.call("proc_signals_get", out), Errno::success);
  EXPECT_EQ(guest.at<GuestSignalDisposition>(out).signal, 17u);
  EXPECT_EQ(guest.at<GuestSignalDisposition>(out).action, 0u);
  guest.process->signals().set_dispositions(
      {{2, SignalDisposition::Action::ignore}, {15, SignalDisposition::Action::standard}});
  EXPECT_EQ(guest.call("proc_signals_sizes_get", out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 2u);
  EXPECT_EQ(guest.call("proc_signals_get", out), Errno::success);
  EXPECT_EQ(guest.at<GuestSignalDisposition>(out).action, 1u);
  EXPECT_EQ(guest.call("proc_signals_get", 0xffff'ffff), Errno::fault);
}

TEST_F(SignalCalls, OnesOwnAreHandledBeforeTheCallReturns) {
  handle();
  EXPECT_EQ(guest.call("thread_signal", 7, 10), Errno::success);
  EXPECT_EQ(last_handled(), 10u);
  EXPECT_EQ(guest.call("thread_signal", 0x3fff'ffff, 12), Errno::success);
  EXPECT_EQ(last_handled(), 12u);
  EXPECT_EQ(guest.call("proc_signal", 7, 15), Errno::success);
  EXPECT_EQ(last_handled(), 15u);
  EXPECT_EQ(guest.call("proc_raise", 2), Errno::success);
  EXPECT_EQ(last_handled(), 2u);
  EXPECT_EQ(guest.call("thread_signal", 7, 0), Errno::success);
  EXPECT_EQ(guest.caller.called.size(), 4u);
}

TEST_F(SignalCalls, BlockedOnesWaitForTheHandlersReturn) {
  handle();
  handle("__wasm_signal_blocked");
  EXPECT_EQ(guest.call("thread_signal", 7, 10), Errno::success);
  EXPECT_EQ(last_handled(), 0u);
  handle();
  EXPECT_EQ(last_handled(), 10u) << "at the end of the call that restored it";
}

TEST_F(SignalCalls, ToOthersGoThroughTheFamily) {
  family.running = {9};
  EXPECT_EQ(guest.call("thread_signal", 9, 10), Errno::success);
  EXPECT_EQ(family.signalled.back(), (std::pair{9u, 10u}));
  EXPECT_EQ(guest.call("thread_signal", 10, 10), Errno::srch);
  EXPECT_EQ(guest.call("proc_signal", 3, 15), Errno::success);
  EXPECT_EQ(family.killed.back(), (std::pair{3u, 15u}));
}

TEST_F(SignalCalls, RefuseNumbersThatDoNotExist) {
  EXPECT_EQ(guest.call("thread_signal", 7, 65), Errno::inval);
  EXPECT_EQ(guest.call("proc_signal", 7, ~0u), Errno::inval);
  EXPECT_EQ(guest.call("proc_raise_interval", 0, std::uint64_t{1}, 0), Errno::inval);
  Guest alone({.profile = kWasix});
  EXPECT_EQ(alone.call("proc_signal", 2, 15), Errno::srch);
  EXPECT_EQ(alone.call("thread_signal", 2, 15), Errno::srch);
  EXPECT_EQ(alone.call("proc_signal", 1, 15), kExits);
}

TEST_F(SignalCalls, ATimerEndsAWait) {
  handle();
  guest.fdstat(0);
  EXPECT_EQ(guest.call("proc_raise_interval", 14, std::uint64_t{500}, 0), Errno::success);
  const std::uint32_t buffer = guest.room(8);
  EXPECT_EQ(guest.call("fd_read", 0, guest.iovec(buffer, 8), 1, out), kWaits);
  EXPECT_EQ(guest.wait().deadline(), guest.clock.now() + Duration(500));
  guest.clock.advance(Duration(500));
  EXPECT_EQ(guest.resume(), Errno::intr);
  EXPECT_EQ(last_handled(), 14u);
  // Only once.
  guest.clock.advance(Duration(5000));
  EXPECT_EQ(guest.call("sched_yield"), Errno::success);
  EXPECT_EQ(guest.caller.called.size(), 1u);
}

TEST_F(SignalCalls, ATimerRepeatsUntilItIsCancelled) {
  handle();
  guest.call("proc_raise_interval", 14, std::uint64_t{500}, 1);
  for (int i = 0; i < 3; ++i) {
    guest.clock.advance(Duration(500));
    guest.call("sched_yield");
  }
  EXPECT_EQ(guest.caller.called.size(), 3u);
  guest.call("proc_raise_interval", 14, std::uint64_t{0}, 1);
  guest.clock.advance(Duration(500));
  guest.call("sched_yield");
  EXPECT_EQ(guest.caller.called.size(), 3u);
}

TEST_F(SignalCalls, SetitimerTellsTheSettingBefore) {
  handle();
  const std::uint32_t setting = guest.put_value(GuestItimerval{{0, 250, 0}, {2, 500, 0}});
  const std::uint32_t before = guest.room(sizeof(GuestItimerval));
  EXPECT_EQ(guest.call("proc_raise_interval2", 14, setting, 0), Errno::success);
  guest.clock.advance(std::chrono::seconds(1));
  const std::uint32_t none = guest.put_value(GuestItimerval{});
  EXPECT_EQ(guest.call("proc_raise_interval2", 14, none, before), Errno::success);
  const auto was = guest.at<GuestItimerval>(before);
  EXPECT_EQ(was.value.seconds, 1);
  EXPECT_EQ(was.value.microseconds, 500u);
  EXPECT_EQ(was.interval.microseconds, 250u);
  const std::uint32_t wrong = guest.put_value(GuestItimerval{{}, {0, 1'000'000, 0}});
  EXPECT_EQ(guest.call("proc_raise_interval2", 14, wrong, 0), Errno::inval);
}

TEST_F(SignalCalls, SleepsGoOnAfterAHandler) {
  handle();
  GuestSubscription sleep{};
  sleep.timeout = 1000;
  const std::uint32_t subscription = guest.put_value(sleep);
  const std::uint32_t events = guest.room(sizeof(GuestEvent));
  EXPECT_EQ(guest.call("poll_oneoff", subscription, events, 1, out), kWaits);
  guest.process->signals().raise(10);
  EXPECT_EQ(guest.resume(), kWaits);
  EXPECT_EQ(last_handled(), 10u);
  guest.clock.advance(Duration(1000));
  EXPECT_EQ(guest.resume(), Errno::success);
}

}  // namespace
}  // namespace brink::wasi::testing
