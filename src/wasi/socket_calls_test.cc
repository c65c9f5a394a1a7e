#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

/// A connection: descriptor `fd` of the guest, `host` at the other end.
class SocketTest : public ::testing::Test {
 protected:
  explicit SocketTest(const AbiProfile& profile = kStandard, int type = SOCK_STREAM)
      : guest_({.profile = profile}) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    host_ = UniqueFd(ends[0]);
    fd_ = guest_.process->add_socket(UniqueFd(ends[1])).value_or(~0u);
  }
  void host_sends(std::string_view bytes) {
    EXPECT_EQ(::send(host_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string host_receives() {
    char buffer[64];
    const ssize_t got = ::recv(host_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return got < 0 ? "(nothing)" : std::string(buffer, static_cast<std::size_t>(got));
  }
  Errno recv(std::uint32_t size, std::uint32_t flags = 0) {
    return guest_.call("sock_recv", fd_, guest_.iovec(buffer_, size), 1, flags, size_, flags_);
  }
  std::string got() { return guest_.text(buffer_, guest_.at<std::uint32_t>(size_)); }
  Errno send(std::string_view bytes, std::uint32_t flags = 0) {
    const auto vector = guest_.iovec(guest_.put(bytes), static_cast<std::uint32_t>(bytes.size()));
    return guest_.call("sock_send", fd_, vector, 1, flags, size_);
  }

  Guest guest_;
  UniqueFd host_;
  std::uint32_t fd_ = 0;
  std::uint32_t buffer_ = guest_.room(64);
  std::uint32_t size_ = guest_.room(4);
  std::uint32_t flags_ = guest_.room(2);
};

class WasixSocketTest : public SocketTest {
 protected:
  WasixSocketTest() : SocketTest(kWasix) {}
};

class DatagramTest : public SocketTest {
 protected:
  DatagramTest() : SocketTest(kWasix, SOCK_DGRAM) {}
};

TEST_F(SocketTest, IsAStreamThatReadsAndWrites) {
  EXPECT_EQ(guest_.fdstat(fd_).type, FileType::socket_stream);
  host_sends("hello");
  EXPECT_EQ(guest_.read(fd_, 64), "hello");
  EXPECT_EQ(guest_.write(fd_, "answer"), Errno::success);
  EXPECT_EQ(host_receives(), "answer");
}

TEST_F(SocketTest, ReceivesAndSends) {
  host_sends("hello");
  EXPECT_EQ(recv(64), Errno::success);
  EXPECT_EQ(got(), "hello");
  EXPECT_EQ(guest_.at<std::uint16_t>(flags_), 0u);
  EXPECT_EQ(send("answer"), Errno::success);
  EXPECT_EQ(host_receives(), "answer");
}

TEST_F(SocketTest, PeekingLeavesTheBytes) {
  host_sends("hello");
  EXPECT_EQ(recv(3, 1), Errno::success);
  EXPECT_EQ(got(), "hel");
  EXPECT_EQ(recv(64), Errno::success);
  EXPECT_EQ(got(), "hello");
}

TEST_F(SocketTest, WaitsForBytes) {
  EXPECT_EQ(recv(64), kWaits);
  ASSERT_EQ(guest_.wait().interests().size(), 1u);
  EXPECT_EQ(guest_.wait().interests()[0].events, POLLIN);
  host_sends("late");
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(got(), "late");
}

TEST_F(SocketTest, WaitAllFillsTheBuffer) {
  host_sends("abc");
  EXPECT_EQ(recv(6, 2), kWaits);
  host_sends("def");
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(got(), "abcdef");
  host_sends("xy");
  EXPECT_EQ(recv(6, 2), kWaits);
  host_.reset();
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(got(), "xy") << "the end comes first";
}

TEST_F(SocketTest, NonBlockingSaysAgain) {
  EXPECT_EQ(guest_.call("fd_fdstat_set_flags", fd_, fdflag::nonblock), Errno::success);
  EXPECT_EQ(recv(64), Errno::again);
}

TEST_F(SocketTest, AGonePeerIsTheEndAndABrokenPipe) {
  host_.reset();
  EXPECT_EQ(recv(64), Errno::success);
  EXPECT_EQ(got(), "");
  EXPECT_EQ(send("x"), Errno::pipe);
}

TEST_F(SocketTest, ShutsDownEitherWay) {
  EXPECT_EQ(guest_.call("sock_shutdown", fd_, 2), Errno::success);
  EXPECT_EQ(host_receives(), "");
  EXPECT_EQ(send("x"), Errno::pipe);
  EXPECT_EQ(guest_.call("sock_shutdown", fd_, 1), Errno::success);
  EXPECT_EQ(guest_.call("sock_shutdown", fd_, 3), Errno::success);
  EXPECT_EQ(guest_.call("sock_shutdown", fd_, 0), Errno::inval);
  EXPECT_EQ(guest_.call("sock_shutdown", fd_, 4), Errno::inval);
}

TEST_F(SocketTest, OtherDescriptorsAreNone) {
  const auto vector = guest_.iovec(buffer_, 1);
  for (const std::uint32_t fd : {0u, 1u, 3u}) {
    EXPECT_EQ(guest_.call("sock_accept", fd, 0, size_), Errno::notsock);
    EXPECT_EQ(guest_.call("sock_recv", fd, vector, 1, 0, size_, flags_), Errno::notsock);
    EXPECT_EQ(guest_.call("sock_send", fd, vector, 1, 0, size_), Errno::notsock);
    EXPECT_EQ(guest_.call("sock_shutdown", fd, 1), Errno::notsock);
  }
  EXPECT_EQ(guest_.call("sock_accept", 99, 0, size_), Errno::badf);
  EXPECT_EQ(guest_.call("sock_recv", 99, vector, 1, 0, size_, flags_), Errno::badf);
  EXPECT_EQ(guest_.call("sock_send", 99, vector, 1, 0, size_), Errno::badf);
  EXPECT_EQ(guest_.call("sock_shutdown", 99, 1), Errno::badf);
}

TEST_F(SocketTest, ChecksFlagsRightsAndAddresses) {
  const auto vector = guest_.iovec(buffer_, 1);
  host_sends("x");
  EXPECT_EQ(recv(1, 4), Errno::inval);
  EXPECT_EQ(recv(1, 8), Errno::inval);
  EXPECT_EQ(send("x", 1), Errno::inval);
  EXPECT_EQ(guest_.call("sock_recv", fd_, ~0u, 1, 0, size_, flags_), Errno::fault);
  EXPECT_EQ(guest_.call("sock_recv", fd_, vector, 1, 0, ~0u, flags_), Errno::fault);
  EXPECT_EQ(guest_.call("sock_recv", fd_, vector, 1, 0, size_, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_send", fd_, ~0u, 1, 0, size_), Errno::fault);
  EXPECT_EQ(guest_.call("sock_send", fd_, vector, 1, 0, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_accept", fd_, 0, size_), Errno::inval) << "no listener";
  guest_.drop_rights(fd_, kSocketRights);
  EXPECT_EQ(recv(1), Errno::badf);
  EXPECT_EQ(send("x"), Errno::badf);
  EXPECT_EQ(guest_.call("sock_shutdown", fd_, 1), Errno::badf);
}

TEST_F(SocketTest, OnlySocketsCanBeGiven) {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_EQ(guest_.process->add_socket(std::move(null)).error(), Errno::notsock);
}

TEST_F(WasixSocketTest, DontWaitSaysAgain) {
  EXPECT_EQ(recv(64, 8), Errno::again);
  EXPECT_EQ(send("x", 1), Errno::success);
  EXPECT_EQ(send("x", 2), Errno::inval);
}

TEST_F(DatagramTest, SaysWhatWasLost) {
  EXPECT_EQ(guest_.fdstat(fd_).type, FileType::socket_datagram);
  host_sends("0123456789");
  EXPECT_EQ(recv(4), Errno::success);
  EXPECT_EQ(got(), "0123");
  EXPECT_EQ(guest_.at<std::uint16_t>(flags_), 1u);
  host_sends("0123456789");
  EXPECT_EQ(recv(4, 4), Errno::success);
  EXPECT_EQ(guest_.at<std::uint32_t>(size_), 10u) << "the whole length, when asked";
}

/// A guest with a listener on loopback.
class ListenerTest : public ::testing::TestWithParam<AbiProfile> {
 protected:
  ListenerTest() : guest_({.profile = GetParam()}) {
    UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    EXPECT_EQ(::listen(listener.get(), 8), 0);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address_), &size), 0);
    listener_ = guest_.process->add_socket(std::move(listener)).value_or(~0u);
  }
  UniqueFd connect() {
    UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    return client;
  }
  Errno accept(std::uint32_t flags = 0) {
    return guest_.call("sock_accept", listener_, flags, out_);
  }
  std::uint32_t accepted() { return guest_.at<std::uint32_t>(out_); }

  Guest guest_;
  sockaddr_in address_{};
  std::uint32_t listener_ = 0;
  std::uint32_t out_ = guest_.room(4);
};

TEST_P(ListenerTest, WaitsForAConnectionThenServesIt) {
  EXPECT_EQ(accept(), kWaits);
  ASSERT_EQ(guest_.wait().interests().size(), 1u);
  const UniqueFd client = connect();
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(guest_.fdstat(accepted()).type, FileType::socket_stream);
  EXPECT_EQ(guest_.write(accepted(), "hi"), Errno::success);
  char buffer[2];
  EXPECT_EQ(::recv(client.get(), buffer, 2, MSG_WAITALL), 2);
  EXPECT_EQ(std::string_view(buffer, 2), "hi");
}

TEST_P(ListenerTest, NonBlockingFollowsFlagsAndProfile) {
  const UniqueFd first = connect();
  EXPECT_EQ(accept(fdflag::nonblock), Errno::success);
  EXPECT_EQ(guest_.fdstat(accepted()).flags, fdflag::nonblock);
  EXPECT_EQ(guest_.call("fd_fdstat_set_flags", listener_, fdflag::nonblock), Errno::success);
  EXPECT_EQ(accept(), Errno::again);
  const UniqueFd second = connect();
  EXPECT_EQ(accept(), Errno::success);
  const bool inherits = GetParam().accepted_nonblock == AbiProfile::AcceptedNonblock::inherited;
  EXPECT_EQ(guest_.fdstat(accepted()).flags, inherits ? fdflag::nonblock : 0);
}

TEST_P(ListenerTest, ChecksFlagsRightAndAddress) {
  EXPECT_EQ(accept(1), Errno::inval);
  EXPECT_EQ(guest_.call("sock_accept", listener_, 0, ~0u), Errno::fault);
  EXPECT_EQ(guest_.call("sock_recv", listener_, guest_.iovec(64, 1), 1, 0, out_, out_),
            Errno::badf);
  guest_.drop_rights(listener_, right::sock_accept);
  EXPECT_EQ(accept(), Errno::badf);
}

INSTANTIATE_TEST_SUITE_P(Profiles, ListenerTest, ::testing::Values(kStandard, kWasix),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace brink::wasi::testing
