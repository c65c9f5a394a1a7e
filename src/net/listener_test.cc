#include "net/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <set>

namespace brink::net {
namespace {

using testing::HasSubstr;

SocketAddress loopback() { return parse_socket_address("127.0.0.1:0").value(); }

int option(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket, level, name, &value, &size), 0);
  return value;
}

UniqueFd connected(const SocketAddress& address) {
  UniqueFd socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(socket.get(), address.data(), address.size()), 0);
  return socket;
}

TEST(Listeners, ShareOneFreePortWhenAskedForPortZero) {
  const auto listeners = open_tcp_listeners(loopback(), 3);
  ASSERT_TRUE(listeners) << listeners.error().text();
  ASSERT_EQ(listeners->sockets.size(), 3u);
  EXPECT_NE(listeners->address.port(), 0);
  for (const UniqueFd& socket : listeners->sockets) {
    EXPECT_EQ(SocketAddress::local(socket.get()).value(), listeners->address);
    EXPECT_EQ(option(socket.get(), SOL_SOCKET, SO_ACCEPTCONN), 1);
    EXPECT_NE(::fcntl(socket.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST(Listeners, GiveTheirConnectionsNoDelay) {
  const auto listeners = open_tcp_listeners(loopback(), 1).value();
  const UniqueFd client = connected(listeners.address);
  const UniqueFd accepted(::accept4(listeners.sockets[0].get(), nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST(Listeners, EachReceiveConnections) {
  const auto listeners = open_tcp_listeners(loopback(), 2).value();
  std::vector<UniqueFd> clients;
  std::set<std::size_t> reached;
  for (int i = 0; i < 200 && reached.size() < 2; ++i) {
    clients.push_back(connected(listeners.address));
    pollfd ready[2] = {{listeners.sockets[0].get(), POLLIN, 0},
                       {listeners.sockets[1].get(), POLLIN, 0}};
    ASSERT_GT(::poll(ready, 2, 5000), 0);
    for (std::size_t k = 0; k < 2; ++k) {
      if (ready[k].revents != 0) reached.insert(k);
    }
  }
  EXPECT_EQ(reached.size(), 2u);
}

TEST(Listeners, NeverJoinAPortThatSomeoneElseListensOn) {
  const auto first = open_tcp_listeners(loopback(), 2).value();
  const auto second = open_tcp_listeners(first.address, 1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::address_in_use);
  EXPECT_THAT(second.error().message, HasSubstr(first.address.to_string()));
  EXPECT_THAT(second.error().remedy, HasSubstr(std::to_string(first.address.port())));
}

TEST(Listeners, ReopenAPortAtOnceAfterItsConnectionsEnded) {
  SocketAddress address;
  {
    const auto listeners = open_tcp_listeners(loopback(), 1).value();
    address = listeners.address;
    UniqueFd client = connected(address);
    // The accepting side closes first and is left in TIME_WAIT.
    UniqueFd accepted(::accept4(listeners.sockets[0].get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_TRUE(accepted);
    accepted.reset();
  }
  EXPECT_TRUE(open_tcp_listeners(address, 1));
}

TEST(Listeners, KeepIPv6ApartFromIPv4) {
  const auto v6 = open_tcp_listeners(parse_socket_address("[::]:0").value(), 1);
  if (!v6) {
    EXPECT_THAT(v6.error().remedy, HasSubstr("IPv4"));  // a machine without IPv6
    return;
  }
  EXPECT_EQ(option(v6->sockets[0].get(), IPPROTO_IPV6, IPV6_V6ONLY), 1);
}

TEST(Listeners, RefuseAnAddressOfAnotherMachineWithARemedy) {
  const auto listeners = open_tcp_listeners(parse_socket_address("192.0.2.1:0").value(), 1);
  ASSERT_FALSE(listeners);
  EXPECT_EQ(listeners.error().code, ErrorCode::io_error);
  EXPECT_THAT(listeners.error().remedy, HasSubstr("address of this machine"));
}

TEST(Listeners, RefuseAnAbsurdCount) {
  EXPECT_FALSE(open_tcp_listeners(loopback(), 0));
  EXPECT_FALSE(open_tcp_listeners(loopback(), kMaxListenersPerAddress + 1));
}

TEST(UdpSocket, OwnsItsPortAlone) {
  const auto first = open_udp_socket(loopback());
  ASSERT_TRUE(first) << first.error().text();
  const auto address = SocketAddress::local(first->get()).value();
  EXPECT_EQ(open_udp_socket(address).error().code, ErrorCode::address_in_use);
}

}  // namespace
}  // namespace brink::net
