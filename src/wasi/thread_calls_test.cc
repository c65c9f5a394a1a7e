#include <gtest/gtest.h>

#include "wasi/testing/fake_family.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

class ThreadCalls : public ::testing::Test {
 protected:
  FakeFamily family;
  Guest guest{{.profile = kWasix, .family = &family}};
  std::uint32_t out = guest.room(8);
};

TEST_F(ThreadCalls, SpawnStartsAThreadAndTellsItsNumber) {
  EXPECT_EQ(guest.call("thread_spawn_v2", 0x1000, out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 8u);
  EXPECT_EQ(guest.call("thread_spawn", 0x2000, out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 9u);
  EXPECT_EQ(family.records, (std::vector<std::uint32_t>{0x1000, 0x2000}));
}

TEST_F(ThreadCalls, TheOldSpawnReturnsTheNumber) {
  EXPECT_EQ(guest.call("wasi.thread-spawn", 0x3000), Errno(8));
  EXPECT_EQ(family.records, std::vector<std::uint32_t>{0x3000});
}

TEST_F(ThreadCalls, SpawnFailsAtTheLimitAndWhereThereAreNoThreads) {
  family.full = true;
  EXPECT_EQ(guest.call("thread_spawn_v2", 0x1000, out), Errno::again);
  EXPECT_EQ(guest.call("thread_spawn", 0x1000, out), Errno::again);
  EXPECT_EQ(static_cast<std::int16_t>(guest.call("wasi.thread-spawn", 0x1000)), -6);
  Guest alone({.profile = kWasix});
  EXPECT_EQ(alone.call("thread_spawn_v2", 0x1000, alone.room(4)), Errno::notsup);
}

TEST_F(ThreadCalls, SpawnStartsNothingWhoseNumberCannotBeTold) {
  EXPECT_EQ(guest.call("thread_spawn_v2", 0x1000, 0xffff'fffd), Errno::fault);
  EXPECT_TRUE(family.records.empty());
}

TEST_F(ThreadCalls, TheFirstThreadHasTheNumberOfTheProcess) {
  EXPECT_EQ(guest.call("thread_id", out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 7u);
  EXPECT_EQ(guest.call("thread_id", 0xffff'ffff), Errno::fault);
}

TEST_F(ThreadCalls, ParallelismIsTheFamilysAndOneInAWorker) {
  EXPECT_EQ(guest.call("thread_parallelism", out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 5u);
  Guest alone({.profile = kWasix});
  const std::uint32_t count = alone.room(4);
  EXPECT_EQ(alone.call("thread_parallelism", count), Errno::success);
  EXPECT_EQ(alone.at<std::uint32_t>(count), 1u);
}

TEST_F(ThreadCalls, JoinWaitsForTheEndOfAThread) {
  family.running = {9};
  EXPECT_EQ(guest.call("thread_join", 9), kWaits);
  EXPECT_EQ(guest.wait().futex().word, &family.ended);
  EXPECT_EQ(guest.resume(), kWaits);
  family.running.clear();
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.call("thread_join", 7), Errno::deadlk);
}

TEST_F(ThreadCalls, SleepLastsAsLongAsItSays) {
  EXPECT_EQ(guest.call("thread_sleep", std::uint64_t{1000}), kWaits);
  EXPECT_EQ(guest.wait().deadline(), guest.clock.now() + Duration(1000));
  guest.clock.advance(Duration(999));
  EXPECT_EQ(guest.resume(), kWaits);
  guest.clock.advance(Duration(1));
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.call("thread_sleep", std::uint64_t{0}), Errno::success);
}

TEST_F(ThreadCalls, ExitEndsTheThreadAndNotTheProcess) {
  EXPECT_EQ(guest.call("thread_exit", 3), kExits);
  EXPECT_TRUE(guest.process->main_thread().exits);
  EXPECT_FALSE(guest.process->exit());
}

}  // namespace
}  // namespace brink::wasi::testing
