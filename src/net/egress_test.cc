#include "net/egress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace brink::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SocketAddress at(std::string_view host, int port = 80) {
  const bool v6 = host.contains(':');
  const std::string text =
      (v6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
  auto address = parse_socket_address(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(SocketAddress());
}

bool allows(std::vector<std::string> rules, std::string_view host, int port = 80) {
  const auto parsed = EgressRules::parse(rules);
  EXPECT_TRUE(parsed.has_value());
  return parsed && parsed->allows(at(host, port));
}

TEST(PublicAddress, IsWhatTheInternetRoutes) {
  for (const char* host : {"1.1.1.1",
                           "8.8.8.8",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "169.253.255.255",
                           "169.255.0.0",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.0.0.9",
                           "192.0.0.10",
                           "192.0.1.0",
                           "192.31.196.1",
                           "192.52.193.1",
                           "192.167.255.255",
                           "192.169.0.0",
                           "192.175.48.1",
                           "198.17.255.255",
                           "198.20.0.0",
                           "223.255.255.255",
                           "2606:4700::1111",
                           "2001:4860:4860::8888",
                           "2001:1::1",
                           "2001:3::1",
                           "2001:4:112::1",
                           "2001:20::1",
                           "2001:30::1",
                           "2001:200::1",
                           "2620:4f:8000::1",
                           "64:ff9b::1.1.1.1",
                           "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public(at(host))) << host;
  }
}

TEST(PublicAddress, IsNoneOfTheSpecialOnes) {
  for (const char* host : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.0.170",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::10.0.0.1",
                           "::8.8.8.8",
                           "100::1",
                           "100:0:0:1::1",
                           "64:ff9b:1::1",
                           "2001::1",
                           "2001:1::4",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:808:808::1",
                           "3fff::1",
                           "3fff:fff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.1.2.3",
                           "::ffff:169.254.169.254"}) {
    EXPECT_FALSE(is_public(at(host))) << host;
  }
}

TEST(EgressRules, AllowNothingWithoutOne) {
  EXPECT_FALSE(allows({}, "1.1.1.1"));
  EXPECT_FALSE(EgressRules().allows(at("1.1.1.1")));
}

TEST(EgressRules, ArePublicByDefault) {
  EXPECT_TRUE(EgressRules::public_only().allows(at("1.1.1.1")));
  EXPECT_FALSE(EgressRules::public_only().allows(at("10.0.0.1")));
  EXPECT_THAT(EgressRules::public_only().texts(), ElementsAre("public"));
}

TEST(EgressRules, AddUp) {
  EXPECT_TRUE(allows({"public", "10.0.0.5:5432"}, "1.1.1.1"));
  EXPECT_TRUE(allows({"public", "10.0.0.5:5432"}, "10.0.0.5", 5432));
  EXPECT_FALSE(allows({"public", "10.0.0.5:5432"}, "10.0.0.5", 5433));
  EXPECT_FALSE(allows({"public", "10.0.0.5:5432"}, "10.0.0.6", 5432));
  EXPECT_TRUE(allows({"all"}, "127.0.0.1"));
}

TEST(EgressRules, SeeAMappedAddressAsTheIpv4OneItIs) {
  EXPECT_TRUE(allows({"10.0.0.0/8"}, "::ffff:10.1.2.3"));
  EXPECT_FALSE(allows({"10.0.0.0/8"}, "::ffff:11.1.2.3"));
  EXPECT_TRUE(allows({"::ffff:10.0.0.1"}, "10.0.0.1"));
  EXPECT_FALSE(allows({"0.0.0.0/0"}, "fd00::1"));
}

TEST(EgressRules, TakeRangesOfEveryLength) {
  EXPECT_TRUE(allows({"10.1.2.0/23"}, "10.1.3.255"));
  EXPECT_FALSE(allows({"10.1.2.0/23"}, "10.1.4.0"));
  EXPECT_TRUE(allows({"0.0.0.0/0"}, "255.1.2.3"));
  EXPECT_TRUE(allows({"10.0.0.1/32"}, "10.0.0.1"));
  EXPECT_TRUE(allows({"fd00::/8"}, "fdff::1"));
  EXPECT_FALSE(allows({"fd00::/8"}, "fc00::1"));
  EXPECT_TRUE(allows({"::/0"}, "fe80::1"));
  EXPECT_TRUE(allows({"[fd00::/9]:443"}, "fd7f::1", 443));
  EXPECT_FALSE(allows({"[fd00::/9]:443"}, "fd80::1", 443));
  EXPECT_FALSE(allows({"[fd00::/9]:443"}, "fd7f::1", 80));
  EXPECT_TRUE(allows({"10.0.0.0/8:443"}, "10.9.9.9", 443));
}

TEST(EgressRules, SayWhatIsWrongWithOne) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"", "is no address"},
      {"localhost", "names are not looked up"},
      {"db.example:5432", "names are not looked up"},
      {"10.0.0", "is no address"},
      {"10.0.0.5:", "port from 1 to 65535"},
      {"10.0.0.5:0", "port from 1 to 65535"},
      {"10.0.0.5:65536", "port from 1 to 65535"},
      {"10.0.0.5/33", "prefix from 0 to 32"},
      {"10.0.0.5/", "prefix from 0 to 32"},
      {"10.0.0.5/8", "bits of the address beyond its prefix"},
      {"fd00::1/8", "bits of the address beyond its prefix"},
      {"fd00::/129", "prefix from 0 to 128"},
      {"[fd00::1", "no closing bracket"},
      {"[fd00::1]80", "other than :PORT"},
      {"[10.0.0.1]:80", "no IPv6 address"},
      {"Public", "is no address"},
  };
  for (const auto& [text, what] : kWrong) {
    const auto rule = parse_egress_rule(text);
    ASSERT_FALSE(rule.has_value()) << text;
    EXPECT_THAT(rule.error().text(), HasSubstr(what)) << text;
  }
}

TEST(EgressRules, AreKeptAsWritten) {
  const std::vector<std::string> texts = {"public", "[fd00::1]:5432", "10.0.0.0/8"};
  EXPECT_EQ(EgressRules::parse(texts)->texts(), texts);
}

}  // namespace
}  // namespace brink::net
