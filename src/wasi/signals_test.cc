#include "wasi/signals.h"

#include <gtest/gtest.h>

#include <thread>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

using enum wasm::Interrupts::Delivery;
using Ran = wasm::Caller::Ran;

class SignalsTest : public ::testing::Test {
 protected:
  void handle() { signals.set_handler("handler", guest.caller); }
  std::vector<std::uint32_t> calls() {
    std::vector<std::uint32_t> all;
    for (const auto& arguments : guest.caller.called) all.push_back(arguments.at(0));
    return all;
  }

  SignalsTest() { guest.caller.exported = {"handler"}; }
  Guest guest{{.profile = kWasix}};
  Signals& signals = guest.process->main_thread().signals;
};

TEST_F(SignalsTest, GoToTheHandlerLowestFirst) {
  handle();
  signals.raise(15);
  guest.process->signals().raise(10);
  EXPECT_TRUE(signals.pending());
  EXPECT_EQ(signals.deliver(guest.caller), handled);
  EXPECT_EQ(calls(), (std::vector<std::uint32_t>{15, 10})) << "the thread's own come first";
  EXPECT_FALSE(signals.pending());
}

TEST_F(SignalsTest, WaitWhileTheNamedFunctionIsNotExported) {
  handle();
  signals.set_handler("no_such_function", guest.caller);
  signals.raise(10);
  EXPECT_FALSE(signals.pending());
  handle();
  EXPECT_EQ(signals.deliver(guest.caller), handled);
  EXPECT_EQ(calls(), std::vector<std::uint32_t>{10});
}

TEST_F(SignalsTest, OfAHandlerWaitUntilItHasReturned) {
  handle();
  int depth = 0;
  guest.caller.handler = [&](std::uint32_t number) {
    // As a libc's default handler: abort() raises, and once more.
    EXPECT_LT(++depth, 4);
    if (guest.caller.called.size() < 5) {
      signals.raise(number);
      signals.raise(6);
    }
    (void)signals.deliver(guest.caller);
    --depth;
    return Ran::returned;
  };
  signals.raise(15);
  EXPECT_EQ(signals.deliver(guest.caller), handled);
  EXPECT_LE(calls().size(), 8u);
}

TEST_F(SignalsTest, WithoutAHandlerDoWhatLinuxDoes) {
  for (const std::uint32_t number : {17u, 18u, 19u, 20u, 23u, 28u}) {
    signals.raise(number);
    EXPECT_EQ(signals.deliver(guest.caller), nothing) << number;
  }
  signals.raise(15);
  EXPECT_EQ(signals.deliver(guest.caller), killed);
  EXPECT_EQ(guest.process->exit()->status(), 143u);
}

TEST_F(SignalsTest, IgnoredFromTheStartDoNothing) {
  guest.process->signals().set_dispositions({{15, SignalDisposition::Action::ignore}});
  signals.raise(15);
  EXPECT_EQ(signals.deliver(guest.caller), nothing);
  EXPECT_FALSE(guest.process->exit());
}

TEST_F(SignalsTest, KillIsNeitherHandledNorBlocked) {
  handle();
  signals.set_handler("", guest.caller);
  signals.raise(9);
  EXPECT_TRUE(signals.pending());
  EXPECT_EQ(signals.deliver(guest.caller), killed);
  EXPECT_TRUE(calls().empty());
  EXPECT_EQ(guest.process->exit()->status(), 137u);
}

TEST_F(SignalsTest, ATrapInTheHandlerOfAFatalSignalIsItsDoing) {
  handle();
  guest.caller.handler = [](std::uint32_t) { return Ran::trapped; };
  signals.raise(15);
  EXPECT_EQ(signals.deliver(guest.caller), killed);
  EXPECT_EQ(guest.process->exit()->status(), 143u);
}

TEST_F(SignalsTest, ATrapInTheHandlerOfAHarmlessOneIsACrash) {
  handle();
  guest.caller.handler = [](std::uint32_t) { return Ran::trapped; };
  signals.raise(17);
  EXPECT_EQ(signals.deliver(guest.caller), ends);
  EXPECT_FALSE(guest.process->exit());
}

TEST_F(SignalsTest, AHandlerThatIsLeftMayRunAgain) {
  handle();
  guest.caller.handler = [](std::uint32_t) { return Ran::left; };
  signals.raise(2);
  EXPECT_EQ(signals.deliver(guest.caller), ends);
  signals.raise(2);
  EXPECT_TRUE(signals.pending());
  EXPECT_EQ(signals.deliver(guest.caller), ends);
}

TEST_F(SignalsTest, AreTakenByOneThreadOnly) {
  handle();
  Thread other(*guest.process, 2);
  other.signals.inherit(signals);
  guest.process->signals().raise(10);
  EXPECT_EQ(other.signals.deliver(guest.caller), handled);
  EXPECT_EQ(signals.deliver(guest.caller), nothing);
  other.signals.raise(12);
  EXPECT_FALSE(signals.pending());
}

TEST_F(SignalsTest, StayWithTheParentOfAFork) {
  guest.process->signals().set_timer(14, {Duration(10), Duration(0)});
  guest.process->signals().raise(15);
  guest.process->signals().forget_after_fork();
  EXPECT_FALSE(signals.pending());
  EXPECT_FALSE(signals.next());
}

}  // namespace
}  // namespace brink::wasi::testing
