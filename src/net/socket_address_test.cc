#include "net/socket_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace brink::net {
namespace {

using testing::HasSubstr;

class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, PrintsWhatItParsed) {
  const auto address = parse_socket_address(GetParam());
  ASSERT_TRUE(address) << address.error().text();
  EXPECT_EQ(address->to_string(), GetParam());
  EXPECT_EQ(parse_socket_address(address->to_string()).value(), *address);
}

INSTANTIATE_TEST_SUITE_P(Addresses, RoundTrip,
                         testing::Values("127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535",
                                         "[::1]:80", "[::]:0", "[2001:db8::1]:443",
                                         "[::ffff:10.0.0.1]:1", "[fe80::1%1]:8080"));

TEST(SocketAddress, TakesAPortAloneForEveryAddress) {
  EXPECT_EQ(parse_socket_address(":8080")->to_string(), "0.0.0.0:8080");
  EXPECT_EQ(parse_socket_address("8080")->to_string(), "0.0.0.0:8080");
}

TEST(SocketAddress, FindsAnInterfaceByName) {
  EXPECT_EQ(parse_socket_address("[fe80::1%lo]:80")->to_string(), "[fe80::1%1]:80");
  EXPECT_FALSE(parse_socket_address("[fe80::1%nosuchif0]:80"));
}

class Refusal : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Refusal, SaysWhatIsWrongAndHowToWriteIt) {
  const auto address = parse_socket_address(GetParam().first);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, ErrorCode::usage);
  EXPECT_THAT(address.error().text(), HasSubstr(GetParam().second));
  EXPECT_FALSE(address.error().remedy.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Refusal,
    testing::Values(
        std::pair("", "not a port"), std::pair("127.0.0.1", "no port"),
        std::pair("127.0.0.1:", "not a port: \"\""),
        std::pair("127.0.0.1:65536", "from 0 to 65535"), std::pair("127.0.0.1:-1", "not a port"),
        std::pair("127.0.0.1: 80", "not a port"), std::pair("127.0.0.1:80x", "not a port"),
        std::pair("[::1]", "no port"), std::pair("::1:80", "in brackets"),
        std::pair("[::g]:80", "not an IPv6 address"),
        std::pair("[127.0.0.1]:80", "not an IPv6 address"), std::pair("[]:80", "not an IP address"),
        std::pair("localhost:80", "not an IP address"), std::pair("1.2.3:80", "not an IP address"),
        std::pair("1.2.3.4.5:80", "not an IP address")));

TEST(SocketAddress, RefusesAZeroByteInsteadOfStoppingThere) {
  EXPECT_FALSE(parse_socket_address(std::string_view("127.0.0.1\0x:80", 14)));
}

TEST(SocketAddress, KnowsLoopbackInEveryForm) {
  EXPECT_TRUE(parse_socket_address("127.9.9.9:1")->is_loopback());
  EXPECT_TRUE(parse_socket_address("[::1]:1")->is_loopback());
  EXPECT_TRUE(parse_socket_address("[::ffff:127.0.0.1]:1")->is_loopback());
  EXPECT_FALSE(parse_socket_address("128.0.0.1:1")->is_loopback());
  EXPECT_FALSE(parse_socket_address("[::]:1")->is_loopback());
  EXPECT_FALSE(SocketAddress().is_loopback());
}

TEST(SocketAddress, ComparesAddressAndPort) {
  const auto a = parse_socket_address("10.0.0.1:80").value();
  EXPECT_EQ(a, a.with_port(81).with_port(80));
  EXPECT_FALSE(a == a.with_port(81));
  EXPECT_FALSE(a == parse_socket_address("[::ffff:10.0.0.1]:80").value());
}

TEST(SocketAddress, RefusesWhatTheKernelCutShort) {
  sockaddr_storage storage{};
  storage.ss_family = AF_INET6;
  EXPECT_FALSE(SocketAddress::from(storage, sizeof(sockaddr_in)));
  EXPECT_TRUE(SocketAddress::from(storage, sizeof(sockaddr_in6)));
  storage.ss_family = AF_UNIX;
  EXPECT_FALSE(SocketAddress::from(storage, sizeof storage));
}

}  // namespace
}  // namespace brink::net
