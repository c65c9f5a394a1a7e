#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wasi/testing/network_fixture.h"

namespace brink::wasi::testing {
namespace {

class DatagramCallsTest : public NetworkTest {
 protected:
  std::uint32_t bound() {
    const std::uint32_t fd = open(kInet, kDatagram);
    EXPECT_EQ(bind(fd, AddrPort::loopback(0)), Errno::success);
    return fd;
  }
};

TEST_F(DatagramCallsTest, GoToOwnSocketsAndSayWhoSentThem) {
  const std::uint32_t one = bound();
  const std::uint32_t two = bound();
  EXPECT_EQ(send_to(one, "ping", AddrPort::loopback(local(two).port())), Errno::success);
  EXPECT_EQ(receive_from(two), Errno::success);
  EXPECT_EQ(received(), "ping");
  EXPECT_EQ(sender().port(), local(one).port());
  EXPECT_EQ(sender().bytes[8], 0xAA) << "no more than needed";
}

TEST_F(DatagramCallsTest, AnEmptyOneIsOneAsWell) {
  const std::uint32_t one = bound();
  const std::uint32_t two = bound();
  EXPECT_EQ(send_to(one, "", AddrPort::loopback(local(two).port())), Errno::success);
  EXPECT_EQ(receive_from(two), Errno::success);
  EXPECT_EQ(received(), "");
  EXPECT_EQ(receive_from(two), kWaits) << "one, not more";
}

TEST_F(DatagramCallsTest, RecvMsgHasNoControlData) {
  const std::uint32_t one = bound();
  const std::uint32_t two = bound();
  EXPECT_EQ(send_to(one, "ping", AddrPort::loopback(local(two).port())), Errno::success);
  const auto control_size = guest_.room(4);
  EXPECT_EQ(guest_.call("sock_recv_msg", two, guest_.iovec(buffer_, 64), 1, 0, 0, guest_.room(16),
                        16, out_, flags_, control_size),
            Errno::success);
  EXPECT_EQ(received(), "ping");
  EXPECT_EQ(guest_.at<std::uint32_t>(control_size), 0u);
}

TEST_F(DatagramCallsTest, UnspecifiedTakesThePeerBack) {
  const std::uint32_t fd = bound();
  EXPECT_EQ(connect(fd, AddrPort::loopback(local(bound()).port())), Errno::success);
  EXPECT_NE(peer(fd).port(), 0);
  AddrPort none;
  none.bytes[0] = 0;
  EXPECT_EQ(connect(fd, none), Errno::success);
  EXPECT_EQ(guest_.call("sock_addr_peer", fd, guest_.room(110)), Errno::notconn);
}

TEST_F(DatagramCallsTest, AFileIsSentInPieces) {
  guest_.directory.write("file", "0123456789");
  const std::uint32_t file = guest_.open("file");
  const std::uint32_t other = guest_.room(4);
  ASSERT_EQ(guest_.call("sock_pair", kUnix, kStream, 0, out_, other), Errno::success);
  const auto a = guest_.at<std::uint32_t>(out_);
  const auto b = guest_.at<std::uint32_t>(other);
  const auto sent = guest_.room(8);
  EXPECT_EQ(guest_.call("sock_send_file", a, file, 3ULL, 100ULL, sent), Errno::success);
  EXPECT_EQ(guest_.at<std::uint64_t>(sent), 7u);
  EXPECT_EQ(guest_.read(b, 64), "3456789");
  EXPECT_EQ(guest_.call("sock_send_file", a, file, 10ULL, 5ULL, sent), Errno::success);
  EXPECT_EQ(guest_.at<std::uint64_t>(sent), 0u);
  EXPECT_EQ(guest_.call("sock_send_file", a, file, ~0ULL, 5ULL, sent), Errno::inval);
  EXPECT_EQ(guest_.call("sock_send_file", 99, file, 0ULL, 5ULL, sent), Errno::badf);
}

TEST_F(DatagramCallsTest, AFullSocketIsNoEndOfAFile) {
  guest_.directory.write("file", std::string(4 << 20, 'x'));
  const std::uint32_t file = guest_.open("file");
  ASSERT_EQ(guest_.call("sock_pair", kUnix, kStream, 0, out_, guest_.room(4)), Errno::success);
  const auto a = guest_.at<std::uint32_t>(out_);
  nonblock(a);
  const auto sent = guest_.room(8);
  EXPECT_EQ(guest_.call("sock_send_file", a, file, 0ULL, 4ULL << 20, sent), Errno::success);
  EXPECT_LT(guest_.at<std::uint64_t>(sent), 4ULL << 20);
  EXPECT_EQ(guest_.call("sock_send_file", a, file, 0ULL, 4ULL << 20, sent), Errno::again);
}

TEST(OwnPorts, CountInEveryProcessThatHoldsThem) {
  OwnPorts ports;
  auto lease = ports.lease(Transport::stream, 80);
  EXPECT_TRUE(ports.holds(Transport::stream, 80));
  EXPECT_FALSE(ports.holds(Transport::datagram, 80));
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    lease->after_fork_in_child();
    char byte = 1;
    (void)!::write(gate[1], &byte, 1);
    ::_exit(0);  // as a process that is killed: its share stays until the family ends
  }
  char byte = 0;
  ASSERT_EQ(::read(gate[0], &byte, 1), 1);
  lease.reset();
  EXPECT_TRUE(ports.holds(Transport::stream, 80)) << "the child's";
  ::waitpid(child, nullptr, 0);
  ::close(gate[0]);
  ::close(gate[1]);
}

}  // namespace
}  // namespace brink::wasi::testing
