#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(Environment, SizesCountTheTerminators) {
  Guest guest;
  const auto count = guest.room(4), size = guest.room(4);
  EXPECT_EQ(guest.call("args_sizes_get", count, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(count), 2u);
  EXPECT_EQ(guest.at<std::uint32_t>(size), sizeof "program" + sizeof "--flag");
  EXPECT_EQ(guest.call("environ_sizes_get", count, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(count), 1u);
  EXPECT_EQ(guest.at<std::uint32_t>(size), sizeof "HOME=/");
}

TEST(Environment, ArgumentsAreStringsWithTheirAddresses) {
  Guest guest;
  const auto pointers = guest.room(8), bytes = guest.room(15);
  ASSERT_EQ(guest.call("args_get", pointers, bytes), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(pointers), bytes);
  EXPECT_EQ(guest.at<std::uint32_t>(pointers + 4), bytes + 8);
  EXPECT_EQ(guest.text(bytes, 15), std::string("program\0--flag\0", 15));
}

TEST(Environment, VariablesLikewise) {
  Guest guest;
  const auto pointers = guest.room(4), bytes = guest.room(7);
  ASSERT_EQ(guest.call("environ_get", pointers, bytes), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(pointers), bytes);
  EXPECT_EQ(guest.text(bytes, 7), std::string("HOME=/\0", 7));
}

TEST(Environment, WildAddressesAreFaults) {
  Guest guest;
  const auto end = static_cast<std::uint32_t>(guest.memory.size());
  const auto fine = guest.room(64);
  for (const char* call : {"args_get", "args_sizes_get", "environ_get", "environ_sizes_get"}) {
    EXPECT_EQ(guest.call(call, end - 3, fine), Errno::fault) << call;
    EXPECT_EQ(guest.call(call, fine, end - 3), Errno::fault) << call;
    EXPECT_EQ(guest.call(call, ~0u, fine), Errno::fault) << call;
  }
}

TEST(Environment, AFaultWritesNothing) {
  Guest guest;
  const auto bytes = guest.room(15);
  EXPECT_EQ(guest.call("args_get", ~0u, bytes), Errno::fault);
  EXPECT_EQ(guest.at<std::uint8_t>(bytes), 0xAA);
}

TEST(Environment, AnEmptyBlockIsFine) {
  Guest guest;
  guest.args.clear();
  const auto count = guest.room(4), size = guest.room(4);
  EXPECT_EQ(guest.call("args_sizes_get", count, size), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(count), 0u);
  EXPECT_EQ(guest.call("args_get", count, size), Errno::success);
}

}  // namespace
}  // namespace brink::wasi::testing
