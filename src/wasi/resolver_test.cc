#include "wasi/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::wasi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(const std::vector<net::SocketAddress>& addresses) {
  std::vector<std::string> texts;
  for (const auto& address : addresses) texts.push_back(address.to_string());
  return texts;
}

TEST(ResolvConf, NamesServersDomainsAndDots) {
  const ResolverConfig config = parse_resolv_conf(
      "# a comment\n; another\n\nnameserver 192.0.2.1\r\n\tnameserver  2001:db8::1 # v6\n"
      "search a.example b.example\noptions edns0 ndots:3 rotate\n");
  EXPECT_THAT(texts(config.servers), ElementsAre("192.0.2.1:53", "[2001:db8::1]:53"));
  EXPECT_THAT(config.search, ElementsAre("a.example", "b.example"));
  EXPECT_EQ(config.ndots, 3);
}

TEST(ResolvConf, LeavesOutWhatIsWrongOrTooMuch) {
  const ResolverConfig config = parse_resolv_conf(
      "nameserver\nnameserver dns.example\nnameserver 1.1.1.1\nnameserver 1.1.1.2\n"
      "nameserver 1.1.1.3\nnameserver 1.1.1.4\ndomain one\noptions ndots:99\nsearch");
  EXPECT_EQ(config.servers.size(), 3u);
  EXPECT_THAT(config.search, ElementsAre("one"));
  EXPECT_EQ(config.ndots, 15);
  EXPECT_THAT(parse_resolv_conf("").servers, IsEmpty());
}

TEST(HostsFile, GivesAllAddressesOfAName) {
  constexpr std::string_view kText =
      "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.7\tdb db.example # main\nbad "
      "name\n";
  EXPECT_THAT(texts(find_in_hosts(kText, "LocalHost")), ElementsAre("127.0.0.1:0", "[::1]:0"));
  EXPECT_THAT(texts(find_in_hosts(kText, "db.example")), ElementsAre("10.0.0.7:0"));
  EXPECT_THAT(find_in_hosts(kText, "main"), IsEmpty());
  EXPECT_THAT(find_in_hosts(kText, "name"), IsEmpty());
}

TEST(Resolver, HasABoundOnWhatIsUnderWay) {
  Resolver resolver;
  // Nobody answers there: the look-ups stay under way.
  const ResolverConfig config = parse_resolv_conf("nameserver 127.0.0.1\n");
  for (std::size_t i = 0; i < Resolver::kMost; ++i) {
    ASSERT_TRUE(resolver.start("x.example", config).has_value());
  }
  EXPECT_EQ(resolver.start("x.example", config).error(), Errno::again);
  wasm::WaitSet wait;
  EXPECT_EQ(resolver.go_on(9999, SystemClock(), wait).error(), Errno::io);
}

}  // namespace
}  // namespace brink::wasi
