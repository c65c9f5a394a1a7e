#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "wasi/testing/network_fixture.h"

namespace brink::wasi::testing {
namespace {

/// A name server on loopback that the test answers for.
class NameServer {
 public:
  NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
  }
  [[nodiscard]] net::SocketAddress address() const {
    return net::SocketAddress::local(socket_.get()).value_or(net::SocketAddress());
  }
  /// Answers one query: with 192.0.2.7 for an A question, else that there is none.
  void answer(bool exists) {
    char packet[512];
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const ssize_t got = ::recvfrom(socket_.get(), packet, sizeof packet, 0,
                                   reinterpret_cast<sockaddr*>(&from), &length);
    ASSERT_GT(got, 16);
    std::string reply(packet, static_cast<std::size_t>(got));
    const std::size_t end = reply.find('\0', 12) + 5;  // the name, its type and class
    const bool is_a = reply[end - 3] == 1;
    reply.resize(end);
    reply[2] = static_cast<char>(0x81);
    reply[3] = static_cast<char>(exists ? 0x80 : 0x83);
    reply[7] = exists && is_a ? 1 : 0;
    reply[11] = 0;
    if (exists && is_a) reply.append("\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\x00\x02\x07", 16);
    ::sendto(socket_.get(), reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from),
             length);
  }

 private:
  UniqueFd socket_;
};

class ResolveTest : public ::testing::Test {
 protected:
  ResolveTest()
      : network_({.egress = net::EgressRules::public_only(),
                  .family = "t",
                  .name_servers = {server_.address()}}),
        guest_({.profile = kWasix, .network = &network_}) {}

  Errno resolve(std::string_view name, std::uint32_t room = 4) {
    return guest_.call("resolve", guest_.put(name), static_cast<std::uint32_t>(name.size()), 80,
                       addresses_, room, count_);
  }
  /// Attempts until the call ends; both questions are answered meanwhile.
  Errno answered(Errno state, bool exists) {
    for (int questions = 0; state == kWaits && questions < 2; ++questions) {
      server_.answer(exists);
      state = guest_.resume();
    }
    return state;
  }
  std::uint32_t count() { return guest_.at<std::uint32_t>(count_); }
  std::string first(std::uint32_t size) { return guest_.text(addresses_, size); }

  NameServer server_;
  HostNetwork network_;
  Guest guest_;
  std::uint32_t addresses_ = guest_.room(4 * 18);
  std::uint32_t count_ = guest_.room(4);
};

TEST_F(ResolveTest, ReadsAddressesWithoutAsking) {
  EXPECT_EQ(resolve("192.0.2.5"), Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(first(6), std::string("\x01\x00\xc0\x00\x02\x05", 6));
  EXPECT_EQ(resolve("::1"), Errno::success);
  EXPECT_EQ(first(18), std::string("\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 18));
}

TEST_F(ResolveTest, TakesTheHostsFileAndLocalhostFirst) {
  guest_.directory.write("hosts", "");
  EXPECT_EQ(resolve("localhost"), Errno::success);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(resolve("api.localhost", 1), Errno::success);
  EXPECT_EQ(count(), 1u) << "no more than there is room for";
}

TEST_F(ResolveTest, AsksAServerAndWaitsForIt) {
  EXPECT_EQ(answered(resolve("www.example"), true), Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(first(6), std::string("\x01\x00\xc0\x00\x02\x07", 6));
}

TEST_F(ResolveTest, SaysWhatDoesNotExist) {
  EXPECT_EQ(answered(resolve("nowhere.example"), false), Errno::noent);
}

TEST_F(ResolveTest, ChecksItsArguments) {
  EXPECT_EQ(resolve(""), Errno::inval);
  EXPECT_EQ(resolve(std::string("a\0b", 3)), Errno::inval);
  EXPECT_EQ(resolve(std::string(255, 'a')), Errno::nametoolong);
  EXPECT_EQ(guest_.call("resolve", ~0u, 5, 0, addresses_, 1, count_), Errno::fault);
  EXPECT_EQ(guest_.call("resolve", 64, 5, 0, addresses_, ~0u, count_), Errno::fault);
  EXPECT_EQ(guest_.call("resolve", 64, 5, 0, addresses_, 1, ~0u), Errno::fault);
}

TEST_F(ResolveTest, ListsTheLoopbackAddresses) {
  const auto list = guest_.room(56);
  EXPECT_EQ(guest_.call("port_addr_list", list, guest_.put_value(std::uint32_t{1})),
            Errno::overflow);
  const auto room = guest_.put_value(std::uint32_t{2});
  EXPECT_EQ(guest_.call("port_addr_list", list, room), Errno::success);
  EXPECT_EQ(guest_.at<std::uint32_t>(room), 2u);
  EXPECT_EQ(guest_.text(list, 7), std::string("\x01\x00\x7f\x00\x00\x01\x08", 7));
  EXPECT_EQ(guest_.at<std::uint8_t>(list + 28 + 26), 128);
}

}  // namespace
}  // namespace brink::wasi::testing
