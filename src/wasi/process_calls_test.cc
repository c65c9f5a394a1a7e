#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(ProcExit, EndsTheProgramWithItsCode) {
  Guest guest;
  EXPECT_FALSE(guest.process->exit());
  EXPECT_EQ(guest.call("proc_exit", 3), kExits);
  ASSERT_TRUE(guest.process->exit());
  EXPECT_EQ(guest.process->exit()->reason, ProcessExit::Reason::code);
  EXPECT_EQ(guest.process->exit()->status(), 3u);
}

TEST(ProcExit, ReportsEightBitsOfTheCode) {
  Guest guest;
  EXPECT_EQ(guest.call("proc_exit", -1), kExits);
  EXPECT_EQ(guest.process->exit()->value, 0xffff'ffffu);
  EXPECT_EQ(guest.process->exit()->status(), 255u);
}

TEST(ProcRaise, AnUnhandledSignalEndsTheProgram) {
  for (const std::uint32_t signal : {1u, 2u, 6u, 9u, 11u, 13u, 15u}) {
    Guest guest;
    EXPECT_EQ(guest.call("proc_raise", signal), kExits) << signal;
    EXPECT_EQ(guest.process->exit()->reason, ProcessExit::Reason::signal);
    EXPECT_EQ(guest.process->exit()->status(), 128 + signal);
  }
}

TEST(ProcRaise, NumbersFollowTheProfile) {
  Guest standard;
  EXPECT_EQ(standard.call("proc_raise", 16), Errno::success);  // CHLD is ignored
  EXPECT_EQ(standard.call("proc_raise", 31), Errno::inval);
  EXPECT_EQ(standard.call("proc_raise", 30), kExits);  // SYS
  EXPECT_EQ(standard.process->exit()->value, 31u);
  Guest wasix({.profile = kWasix});
  EXPECT_EQ(wasix.call("proc_raise", 17), Errno::success);
  EXPECT_EQ(wasix.call("proc_raise", 31), kExits);
  EXPECT_EQ(wasix.process->exit()->value, 31u);
}

TEST(ProcRaise, StoppingIsNotSupportedAndUnknownSignalsAreInvalid) {
  Guest guest;
  EXPECT_EQ(guest.call("proc_raise", 18), Errno::nosys);  // STOP
  EXPECT_EQ(guest.call("proc_raise", 32), Errno::inval);
  EXPECT_EQ(guest.call("proc_raise", ~0u), Errno::inval);
  EXPECT_EQ(guest.call("proc_raise", 0), Errno::success);
  EXPECT_FALSE(guest.process->exit());
}

TEST(SchedYield, LetsOthersRunOnce) {
  Guest guest;
  EXPECT_EQ(guest.call("sched_yield"), Errno::success);
  EXPECT_EQ(guest.attempts(), 2u);
}

}  // namespace
}  // namespace brink::wasi::testing
