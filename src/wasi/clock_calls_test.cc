#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(Clocks, EachShowsItsTime) {
  Guest guest;
  guest.clock.advance(std::chrono::milliseconds(5));
  const auto out = guest.room(8);
  const auto read = [&](std::uint32_t clock) {
    EXPECT_EQ(guest.call("clock_time_get", clock, std::uint64_t{0}, out), Errno::success);
    return Duration(guest.at<std::int64_t>(out));
  };
  EXPECT_EQ(read(0), guest.clock.wall());
  EXPECT_EQ(read(1), guest.clock.now().since_boot);
  EXPECT_EQ(read(2), guest.time.process_cpu());
  EXPECT_EQ(read(3), guest.time.thread_cpu());
}

TEST(Clocks, AllCountNanoseconds) {
  Guest guest;
  const auto out = guest.room(8);
  for (std::uint32_t clock = 0; clock < 4; ++clock) {
    EXPECT_EQ(guest.call("clock_res_get", clock, out), Errno::success);
    EXPECT_EQ(guest.at<std::uint64_t>(out), 1u);
  }
}

TEST(Clocks, OthersAreInvalid) {
  Guest guest;
  const auto out = guest.room(8);
  for (const std::uint32_t clock : {4u, 100u, ~0u}) {
    EXPECT_EQ(guest.call("clock_res_get", clock, out), Errno::inval);
    EXPECT_EQ(guest.call("clock_time_get", clock, std::uint64_t{0}, out), Errno::inval);
  }
}

TEST(ClockTimeSet, MovesTheTimeOfDayOfThisGuestOnly) {
  Guest guest({.profile = kWasix});
  const Duration host = guest.clock.wall();
  EXPECT_EQ(guest.call("clock_time_set", 0, std::uint64_t{5'000'000'000}), Errno::success);
  guest.clock.set_wall(host + Duration(7));
  const auto out = guest.room(8);
  EXPECT_EQ(guest.call("clock_time_get", 0, std::uint64_t{0}, out), Errno::success);
  EXPECT_EQ(guest.at<std::uint64_t>(out), 5'000'000'007u);
  EXPECT_EQ(guest.call("clock_time_get", 1, std::uint64_t{0}, out), Errno::success);
  EXPECT_EQ(guest.at<std::uint64_t>(out),
            static_cast<std::uint64_t>(guest.clock.now().since_boot.count()));

  GuestSubscription until{};
  until.timeout = 5'000'000'017;
  until.flags = 1;  // absolute, on the wall clock
  EXPECT_EQ(guest.call("poll_oneoff", guest.put_value(until), guest.room(32), 1, guest.room(4)),
            kWaits);
  EXPECT_EQ(guest.wait().deadline(), guest.clock.now() + Duration(10));
}

TEST(ClockTimeSet, RefusesOtherClocksAndTimesThatDoNotExist) {
  Guest guest({.profile = kWasix});
  for (const std::uint32_t clock : {1u, 2u, 3u, 9u}) {
    EXPECT_EQ(guest.call("clock_time_set", clock, std::uint64_t{1}), Errno::inval);
  }
  EXPECT_EQ(guest.call("clock_time_set", 0, ~std::uint64_t{0}), Errno::inval);
  const auto out = guest.room(8);
  EXPECT_EQ(guest.call("clock_time_get", 0, std::uint64_t{0}, out), Errno::success);
  EXPECT_EQ(guest.at<std::uint64_t>(out), static_cast<std::uint64_t>(guest.clock.wall().count()));
}

TEST(Clocks, WildAddressesAreFaults) {
  Guest guest;
  const auto end = static_cast<std::uint32_t>(guest.memory.size());
  EXPECT_EQ(guest.call("clock_res_get", 0, end - 7), Errno::fault);
  EXPECT_EQ(guest.call("clock_time_get", 0, std::uint64_t{0}, end - 7), Errno::fault);
}

}  // namespace
}  // namespace brink::wasi::testing
