#include <gtest/gtest.h>
#include <sys/socket.h>

#include "wasi/testing/network_fixture.h"

namespace brink::wasi::testing {
namespace {

class ConnectionTest : public NetworkTest {};

class OpenEgressTest : public NetworkTest {
 protected:
  OpenEgressTest() : NetworkTest({"all"}) {}
};

class WasmerPortsTest : public NetworkTest {
 protected:
  WasmerPortsTest() : NetworkTest({"public"}, PortOrder::big_endian) {}
};

/// What libc does once to learn how ports are returned.
TEST_F(ConnectionTest, AGhostBindTakesNoPort) {
  const std::uint32_t one = open();
  const std::uint32_t two = open();
  EXPECT_EQ(bind(one, AddrPort::v4({0, 0, 0, 0}, 10275)), Errno::success);
  EXPECT_EQ(bind(two, AddrPort::v4({0, 0, 0, 0}, 10275)), Errno::success);
  EXPECT_EQ(local(one).port(), 10275);
  EXPECT_FALSE(ports_.holds(Transport::stream, 10275));
  EXPECT_EQ(guest_.call("fd_close", one), Errno::success);
}

TEST_F(WasmerPortsTest, ReturnsPortsInItsOrderAndTakesThemInOurs) {
  const std::uint32_t fd = open();
  EXPECT_EQ(bind(fd, AddrPort::v4({127, 0, 0, 1}, 0x2823)), Errno::success);
  EXPECT_EQ(local(fd).port(), 0x2328);
}

TEST_F(ConnectionTest, PortZeroIsARealOneRightAfterBind) {
  const std::uint32_t fd = open();
  EXPECT_EQ(bind(fd, AddrPort::loopback(0)), Errno::success);
  const std::uint16_t port = local(fd).port();
  EXPECT_NE(port, 0);
  EXPECT_EQ(guest_.call("sock_listen", fd, 8), Errno::success);
  EXPECT_EQ(local(fd).port(), port);
}

TEST_F(ConnectionTest, ServesItsOwnLoopbackAndTellsBothNames) {
  const std::uint32_t server = listener();
  const AddrPort address = local(server);
  EXPECT_TRUE(ports_.holds(Transport::stream, address.port()));
  const std::uint32_t client = open();
  ASSERT_EQ(connect(client, AddrPort::loopback(address.port())), kWaits);
  ASSERT_EQ(guest_.resume(), Errno::success);
  const std::uint32_t accepted = accept(server);
  EXPECT_EQ(guest_.at<AddrPort>(peer_).port(), local(client).port());
  EXPECT_EQ(peer(client).port(), address.port());
  EXPECT_EQ(peer(accepted).port(), local(client).port());
  EXPECT_EQ(guest_.write(client, "hello"), Errno::success);
  EXPECT_EQ(guest_.read(accepted, 64), "hello");
  EXPECT_EQ(guest_.fdstat(accepted).flags, 0);
}

TEST_F(ConnectionTest, LoopbackOfOthersIsOutOfReach) {
  const UniqueFd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(other.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(other.get(), 1), 0);
  const std::uint16_t port = net::SocketAddress::local(other.get())->port();
  EXPECT_EQ(connect(open(), AddrPort::loopback(port)), Errno::acces);
  EXPECT_EQ(connect(open(), AddrPort::v4({0, 0, 0, 0}, port)), Errno::acces);
  std::array<std::uint8_t, 16> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  EXPECT_EQ(connect(open(kInet6), AddrPort::v6(mapped, port)), Errno::acces);
}

TEST_F(ConnectionTest, PrivateAddressesAreRefusedBeforeAnythingIsSent) {
  EXPECT_EQ(connect(open(), AddrPort::v4({10, 0, 0, 1}, 80)), Errno::acces);
  EXPECT_EQ(connect(open(), AddrPort::v4({169, 254, 169, 254}, 80)), Errno::acces);
  EXPECT_EQ(send_to(open(kInet, kDatagram), "x", AddrPort::v4({10, 0, 0, 1}, 53)), Errno::acces);
}

TEST_F(OpenEgressTest, ARefusedConnectionSaysSoAlsoWhenItDidNotBlock) {
  const std::uint32_t probe = listener();
  const std::uint16_t port = local(probe).port();
  EXPECT_EQ(guest_.call("fd_close", probe), Errno::success);
  const std::uint32_t blocking = open();
  ASSERT_EQ(connect(blocking, AddrPort::loopback(port)), kWaits);
  EXPECT_EQ(guest_.resume(), Errno::connrefused);
  const std::uint32_t fd = open();
  nonblock(fd);
  EXPECT_EQ(connect(fd, AddrPort::loopback(port)), Errno::inprogress);
  EXPECT_EQ(guest_.call("sock_status", fd, flags_), Errno::success);
  EXPECT_EQ(guest_.at<std::uint8_t>(flags_), 3) << "failed";
  const auto vector = guest_.iovec(buffer_, 1);
  EXPECT_EQ(guest_.call("sock_recv", fd, vector, 1, 0, out_, flags_), Errno::connrefused);
}

TEST_F(ConnectionTest, StatusFollowsAConnection) {
  const std::uint32_t server = listener();
  const std::uint32_t client = open();
  const auto status = [&](std::uint32_t fd) {
    EXPECT_EQ(guest_.call("sock_status", fd, flags_), Errno::success);
    return guest_.at<std::uint8_t>(flags_);
  };
  EXPECT_EQ(status(client), 0);
  EXPECT_EQ(status(server), 1);
  nonblock(client);
  EXPECT_EQ(connect(client, AddrPort::loopback(local(server).port())), Errno::inprogress);
  EXPECT_EQ(status(client), 1);
  EXPECT_EQ(guest_.call("sock_status", 0, flags_), Errno::notsock);
}

TEST_F(ConnectionTest, LookUpsMayConnectDatagramsToLoopback) {
  const std::uint32_t fd = open(kInet, kDatagram);
  EXPECT_EQ(connect(fd, AddrPort::loopback(65535)), Errno::success);
  EXPECT_NE(local(fd).port(), 0);
  EXPECT_EQ(guest_.write(fd, "x"), Errno::acces) << "but nothing goes out";
  EXPECT_EQ(connect(fd, AddrPort::v4({10, 0, 0, 1}, 65535)), Errno::hostunreach);
  std::array<std::uint8_t, 16> rust_loopback{};
  rust_loopback[14] = 1;
  EXPECT_EQ(connect(open(kInet6, kDatagram), AddrPort::v6(rust_loopback, 65535)), Errno::success);
}

TEST_F(ConnectionTest, AListenerThatWasPolledSaysAgain) {
  const std::uint32_t server = listener();
  EXPECT_EQ(guest_.call("sock_accept_v2", server, 0, out_, guest_.room(110)), kWaits);
  GuestSubscription subscription{};
  subscription.tag = static_cast<std::uint8_t>(EventType::fd_read);
  subscription.id_or_fd = server;
  EXPECT_EQ(guest_.call("poll_oneoff", guest_.put_value(subscription), guest_.room(32), 1, out_),
            kWaits);
  EXPECT_EQ(guest_.call("sock_accept_v2", server, 0, out_, guest_.room(110)), Errno::again);
}

TEST_F(ConnectionTest, TheTypeMayHoldFlags) {
  EXPECT_EQ(guest_.call("sock_open", kInet, kStream | 0x6000u, 0, out_), Errno::success);
  EXPECT_EQ(guest_.fdstat(guest_.at<std::uint32_t>(out_)).flags, fdflag::nonblock);
}

TEST_F(ConnectionTest, RefusesSocketsThatDoNotExist) {
  EXPECT_EQ(guest_.call("sock_open", 0, kStream, 0, out_), Errno::afnosupport);
  EXPECT_EQ(guest_.call("sock_open", 9, kStream, 0, out_), Errno::afnosupport);
  EXPECT_EQ(guest_.call("sock_open", kInet, 3, 0, out_), Errno::acces) << "raw";
  EXPECT_EQ(guest_.call("sock_open", kInet, 4, 0, out_), Errno::protonosupport);
  EXPECT_EQ(guest_.call("sock_open", kInet, 7, 0, out_), Errno::inval);
  EXPECT_EQ(guest_.call("sock_open", kInet, kStream, 17, out_), Errno::protonosupport);
  EXPECT_EQ(guest_.call("sock_open", kInet, kStream, 6, out_), Errno::success);
  EXPECT_EQ(guest_.call("sock_open", kInet, kDatagram, 17, out_), Errno::success);
  EXPECT_EQ(guest_.call("sock_open", kInet, kStream, 0, ~0u), Errno::fault);
}

TEST_F(ConnectionTest, ChecksAddresses) {
  const std::uint32_t fd = open();
  EXPECT_EQ(guest_.call("sock_bind", fd, ~0u), Errno::fault);
  AddrPort odd = AddrPort::loopback(1);
  odd.bytes[0] = 7;
  EXPECT_EQ(bind(fd, odd), Errno::inval);
  EXPECT_EQ(bind(fd, AddrPort::v6({}, 1)), Errno::afnosupport);
  EXPECT_EQ(bind(fd, AddrPort::loopback(5000)), Errno::success);
  EXPECT_EQ(bind(fd, AddrPort::loopback(5001)), Errno::inval) << "only once";
  EXPECT_EQ(guest_.call("sock_addr_peer", fd, out_), Errno::notconn);
  EXPECT_EQ(guest_.call("sock_bind", 1, out_), Errno::notsock);
  EXPECT_EQ(guest_.call("sock_listen", 99, 1), Errno::badf);
  EXPECT_EQ(guest_.call("sock_accept_v2", fd, 0, out_, out_), Errno::inval) << "no listener";
}

TEST_F(ConnectionTest, APortInUseIsRefusedWhenTheGuestListens) {
  const std::uint16_t port = local(listener()).port();
  const std::uint32_t second = open();
  EXPECT_EQ(bind(second, AddrPort::loopback(port)), Errno::success);
  EXPECT_EQ(guest_.call("sock_listen", second, 1), Errno::addrinuse);
}

TEST_F(ConnectionTest, AListenerOnAllOfIpv6TakesIpv4WhateverLibcMadeOfTheOption) {
  const std::uint32_t server = open(kInet6);
  EXPECT_EQ(guest_.call("sock_set_opt_flag", server, 5, 1), Errno::success);
  EXPECT_EQ(bind(server, AddrPort::v6({}, 0)), Errno::success);
  EXPECT_EQ(guest_.call("sock_listen", server, 1), Errno::success);
  EXPECT_EQ(connect(open(), AddrPort::loopback(local(server).port())), kWaits);
  EXPECT_EQ(guest_.resume(), Errno::success);
}

TEST_F(ConnectionTest, OnlyIpv6CountsWhereIpv4HasThePort) {
  const std::uint32_t v4 = open();
  EXPECT_EQ(bind(v4, AddrPort::v4({0, 0, 0, 0}, 0)), Errno::success);
  EXPECT_EQ(guest_.call("sock_listen", v4, 1), Errno::success);
  const std::uint32_t v6 = open(kInet6);
  EXPECT_EQ(bind(v6, AddrPort::v6({}, local(v4).port())), Errno::success);
  EXPECT_EQ(guest_.call("sock_listen", v6, 1), Errno::addrinuse);
  EXPECT_EQ(guest_.call("sock_set_opt_flag", v6, 5, 1), Errno::success);
  EXPECT_EQ(guest_.call("sock_listen", v6, 1), Errno::success);
}

TEST_F(ConnectionTest, WritesNoMoreOfAnAddressThanItNeeds) {
  const AddrPort v4 = local(listener());
  EXPECT_EQ(v4.bytes[7], 1);
  EXPECT_EQ(v4.bytes[8], 0xAA);
  const std::uint32_t fd = open(kInet6);
  EXPECT_EQ(bind(fd, AddrPort::v6({}, 0)), Errno::success);
  const AddrPort v6 = local(fd);
  EXPECT_EQ(v6.bytes[27], 0);
  EXPECT_EQ(v6.bytes[28], 0xAA);
}

TEST_F(ConnectionTest, TimeOutsEndAcceptsAndReads) {
  const std::uint32_t server = listener();
  struct {
    std::uint8_t tag = 1, pad[7] = {};
    std::uint64_t time = 5'000'000;
  } const time;
  EXPECT_EQ(guest_.call("sock_set_opt_time", server, 22, guest_.put_value(time)), Errno::success);
  EXPECT_EQ(guest_.call("sock_accept_v2", server, 0, out_, guest_.room(110)), kWaits);
  ASSERT_TRUE(guest_.wait().deadline().has_value());
  guest_.clock.advance(std::chrono::milliseconds(5));
  EXPECT_EQ(guest_.resume(), Errno::timedout);
}

TEST_F(ConnectionTest, PairsAreConnectedWhateverTheFamily) {
  const std::uint32_t two = guest_.room(4);
  for (const std::uint32_t type : {1u, 2u, 4u}) {
    EXPECT_EQ(guest_.call("sock_pair", kInet, type, 0, out_, two), Errno::success);
    const auto a = guest_.at<std::uint32_t>(out_);
    const auto b = guest_.at<std::uint32_t>(two);
    EXPECT_EQ(guest_.write(a, "ping"), Errno::success);
    EXPECT_EQ(guest_.read(b, 64), "ping");
    EXPECT_EQ(local(a).bytes[0], 3) << "an unnamed Unix socket";
  }
  EXPECT_EQ(guest_.call("sock_pair", kInet, 3, 0, out_, two), Errno::acces);
  EXPECT_EQ(guest_.call("sock_pair", kInet, 1, 0, ~0u, two), Errno::fault);
}

TEST_F(ConnectionTest, AbstractNamesAreTheFamilysOwn) {
  const std::string name("\0brink-test-name", 16);
  const std::uint32_t server = open(kUnix);
  ASSERT_EQ(bind(server, AddrPort::local(name)), Errno::success);
  ASSERT_EQ(guest_.call("sock_listen", server, 4), Errno::success);
  const std::uint32_t client = open(kUnix);
  EXPECT_EQ(connect(client, AddrPort::local(name)), Errno::success);
  const std::uint32_t accepted = accept(server);
  EXPECT_EQ(guest_.write(client, "x"), Errno::success);
  EXPECT_EQ(guest_.read(accepted, 4), "x");
  EXPECT_EQ(local(server).bytes[3], 'b');
  HostNetwork other({.servers = &ports_, .family = "other", .name_servers = {}});
  Guest stranger({.profile = kWasix, .network = &other});
  const auto out = stranger.room(4);
  ASSERT_EQ(stranger.call("sock_open", kUnix, kStream, 0, out), Errno::success);
  EXPECT_EQ(stranger.call("sock_connect", stranger.at<std::uint32_t>(out),
                          stranger.put_value(AddrPort::local(name))),
            Errno::connrefused);
}

TEST_F(ConnectionTest, WithoutANetworkThereArePairsOnly) {
  Guest alone({.profile = kWasix});
  const auto out = alone.room(8);
  EXPECT_EQ(alone.call("sock_open", kInet, kStream, 0, out), Errno::afnosupport);
  EXPECT_EQ(alone.call("sock_pair", kUnix, kStream, 0, out, out + 4), Errno::success);
}

TEST(Worker, GuestsConnectOnly) {
  HostNetwork network(
      {.egress = net::EgressRules::public_only(), .family = "w", .name_servers = {}});
  Guest guest({.profile = kWasix, .network = &network});
  const auto out = guest.room(4);
  EXPECT_EQ(guest.call("sock_open", 3, 1, 0, out), Errno::afnosupport);
  ASSERT_EQ(guest.call("sock_open", 1, 1, 0, out), Errno::success);
  const auto fd = guest.at<std::uint32_t>(out);
  EXPECT_EQ(guest.call("sock_bind", fd, guest.put_value(AddrPort::v4({0, 0, 0, 0}, 10275))),
            Errno::success)
      << "libc's question";
  EXPECT_EQ(guest.call("sock_listen", fd, 1), Errno::acces);
}

}  // namespace
}  // namespace brink::wasi::testing
