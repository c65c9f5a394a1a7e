#include <gtest/gtest.h>
#include <sys/socket.h>

#include "wasi/socket.h"
#include "wasi/testing/network_fixture.h"

namespace brink::wasi::testing {
namespace {

/// WASIX's option_timestamp.
struct OptionTime {
  std::uint64_t tag;
  std::uint64_t nanoseconds;
};

class OptionTest : public NetworkTest {
 protected:
  Errno set_flag(std::uint32_t option, std::uint32_t value) {
    return guest_.call("sock_set_opt_flag", fd_, option, value);
  }
  int flag(std::uint32_t option) {
    EXPECT_EQ(guest_.call("sock_get_opt_flag", fd_, option, out_), Errno::success);
    return guest_.at<std::uint8_t>(out_);
  }
  Errno set_size(std::uint32_t option, std::uint64_t value) {
    return guest_.call("sock_set_opt_size", fd_, option, value);
  }
  std::uint64_t size(std::uint32_t option) {
    EXPECT_EQ(guest_.call("sock_get_opt_size", fd_, option, out_), Errno::success);
    return guest_.at<std::uint64_t>(out_);
  }
  Errno set_time(std::uint32_t option, OptionTime time) {
    return guest_.call("sock_set_opt_time", fd_, option, guest_.put_value(time));
  }
  OptionTime time(std::uint32_t option) {
    const auto place = guest_.room(16);
    EXPECT_EQ(guest_.call("sock_get_opt_time", fd_, option, place), Errno::success);
    return guest_.at<OptionTime>(place);
  }
  int kernel(int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    const auto* open = guest_.process->descriptors().find(fd_)->open.get();
    EXPECT_EQ(::getsockopt(open->kernel_descriptor(), level, name, &value, &length), 0);
    return value;
  }

  std::uint32_t fd_ = open();
};

TEST_F(OptionTest, FlagsAreTheKernels) {
  for (const std::uint32_t option : {1u, 2u, 3u, 4u, 6u, 7u, 12u, 14u}) {
    EXPECT_EQ(set_flag(option, 1), Errno::success) << option;
    EXPECT_EQ(flag(option), 1) << option;
    EXPECT_EQ(set_flag(option, 0), Errno::success) << option;
    EXPECT_EQ(flag(option), 0) << option;
  }
  EXPECT_EQ(set_flag(12, 1), Errno::success);
  EXPECT_EQ(kernel(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(set_flag(0, 1), Errno::success) << "does nothing";
  EXPECT_EQ(set_flag(9, 1), Errno::noprotoopt) << "promiscuous";
  EXPECT_EQ(set_flag(99, 1), Errno::noprotoopt);
  EXPECT_EQ(set_flag(5, 1), Errno::noprotoopt) << "no IPv6 socket";
}

TEST_F(OptionTest, SizesAreTheKernels) {
  EXPECT_EQ(set_size(15, 32768), Errno::success);
  EXPECT_EQ(size(15), static_cast<std::uint64_t>(kernel(SOL_SOCKET, SO_RCVBUF)));
  EXPECT_GE(size(15), 32768u);
  EXPECT_EQ(set_size(16, ~0ULL), Errno::success) << "bounded by the kernel";
  EXPECT_EQ(set_size(23, 9), Errno::success);
  EXPECT_EQ(size(23), 9u);
  EXPECT_EQ(size(25), 1u) << "a stream";
  EXPECT_EQ(size(26), 6u) << "TCP";
  EXPECT_EQ(size(11), 0u) << "no error";
  EXPECT_EQ(set_size(25, 1), Errno::noprotoopt);
}

TEST_F(OptionTest, TimesAreKept) {
  for (const std::uint32_t option : {19u, 20u, 21u, 22u}) {
    EXPECT_EQ(time(option).tag, 0u) << "for ever by default";
    EXPECT_EQ(set_time(option, {1, 1500}), Errno::success);
    EXPECT_EQ(time(option).nanoseconds, 1500u);
    EXPECT_EQ(set_time(option, {1, 0}), Errno::success);
    EXPECT_EQ(time(option).tag, 0u);
  }
  EXPECT_EQ(set_time(23, {1, 1}), Errno::noprotoopt);
  EXPECT_EQ(set_time(19, {2, 1}), Errno::inval);
}

TEST_F(OptionTest, ClosingNeverLingers) {
  struct linger kernel_linger{};
  socklen_t length = sizeof kernel_linger;
  const auto* open = guest_.process->descriptors().find(fd_)->open.get();
  const auto read = [&] {
    EXPECT_EQ(
        ::getsockopt(open->kernel_descriptor(), SOL_SOCKET, SO_LINGER, &kernel_linger, &length), 0);
    return kernel_linger.l_onoff;
  };
  EXPECT_EQ(set_time(13, {1, 5'000'000'000}), Errno::success);
  EXPECT_EQ(time(13).nanoseconds, 5'000'000'000u);
  EXPECT_EQ(read(), 0);
  EXPECT_EQ(set_time(13, {1, 0}), Errno::success);
  EXPECT_EQ(read(), 1) << "a reset at once waits for nothing";
}

TEST_F(OptionTest, ChecksDescriptorsAndAddresses) {
  EXPECT_EQ(guest_.call("sock_set_opt_flag", 1, 2, 1), Errno::notsock);
  EXPECT_EQ(guest_.call("sock_get_opt_flag", fd_, 2, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_get_opt_size", fd_, 15, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_set_opt_time", fd_, 19, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_get_opt_time", fd_, 19, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_set_opt_size", 99, 15, 1ULL), Errno::badf);
}

TEST_F(OptionTest, GroupsHaveToBeReachable) {
  const std::uint32_t udp = open(kInet, kDatagram);
  const auto group = guest_.put(std::string("\xe0\x00\x00\xfb", 4));
  const auto any = guest_.put(std::string(4, '\0'));
  for (const char* call : {"sock_join_multicast_v4", "sock_leave_multicast_v4"}) {
    EXPECT_EQ(guest_.call(call, udp, group, any), Errno::acces) << call;
  }
  const auto group6 = guest_.put(std::string("\xff\x02", 2) + std::string(13, '\0') + "\xfb");
  for (const char* call : {"sock_join_multicast_v6", "sock_leave_multicast_v6"}) {
    EXPECT_EQ(guest_.call(call, udp, group6, 0), Errno::acces) << call;
  }
}

class OpenGroupTest : public NetworkTest {
 protected:
  OpenGroupTest() : NetworkTest({"all"}) {}
};

TEST_F(OpenGroupTest, AreJoinedAndLeftOnce) {
  const std::uint32_t udp = open(kInet, kDatagram);
  const auto group = guest_.put(std::string("\xe0\x00\x00\xfb", 4));
  const auto loopback = guest_.put(std::string("\x7f\x00\x00\x01", 4));
  EXPECT_EQ(guest_.call("sock_leave_multicast_v4", udp, group, loopback), Errno::addrnotavail);
  EXPECT_EQ(guest_.call("sock_join_multicast_v4", udp, group, loopback), Errno::success);
  EXPECT_EQ(guest_.call("sock_join_multicast_v4", udp, group, loopback), Errno::addrinuse);
  EXPECT_EQ(guest_.call("sock_leave_multicast_v4", udp, group, loopback), Errno::success);
}

}  // namespace
}  // namespace brink::wasi::testing
