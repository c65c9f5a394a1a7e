#include <gtest/gtest.h>

#include "wasi/random.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(Random, FillsExactlyTheBuffer) {
  Guest guest;
  const auto buffer = guest.room(5);
  EXPECT_EQ(guest.call("random_get", buffer, 3), Errno::success);
  EXPECT_EQ(guest.text(buffer, 5), std::string("\x00\x01\x02\xAA\xAA", 5));
}

TEST(Random, NothingIsFine) {
  Guest guest;
  EXPECT_EQ(guest.call("random_get", 64, 0), Errno::success);
  EXPECT_EQ(guest.random.calls, 0u);
}

TEST(Random, ABigBufferTakesSeveralTurnsAndIsFilledWhole) {
  Guest guest({.limits = {.per_attempt = 1000_B}});
  const auto buffer = guest.room(2500);
  EXPECT_EQ(guest.call("random_get", buffer, 2500), Errno::success);
  EXPECT_EQ(guest.attempts(), 3u);
  for (std::uint32_t i = 0; i < 2500; ++i) {
    ASSERT_EQ(guest.at<std::uint8_t>(buffer + i), i % 251) << i;
  }
}

TEST(Random, WildAddressesAreFaults) {
  Guest guest;
  const auto end = static_cast<std::uint32_t>(guest.memory.size());
  EXPECT_EQ(guest.call("random_get", end - 1, 2), Errno::fault);
  EXPECT_EQ(guest.call("random_get", 64, ~0u), Errno::fault);
}

TEST(Random, SaysWhenTheSourceFails) {
  Guest guest;
  guest.random.broken = true;
  EXPECT_EQ(guest.call("random_get", 64, 8), Errno::io);
}

TEST(SystemRandom, DoesNotRepeatItself) {
  std::array<std::byte, 32> first{}, second{};
  SystemRandom source;
  ASSERT_TRUE(source.fill(first));
  ASSERT_TRUE(source.fill(second));
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace brink::wasi::testing
