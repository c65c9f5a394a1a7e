#include "net/egress.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace brink::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr Bytes kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:0:0
constexpr Bytes kNat64 = {0, 0x64, 0xff, 0x9b};                        // 64:ff9b::
constexpr unsigned kMappedBits = 96;

constexpr std::string_view kExample =
    "write public, all, an address such as 10.0.0.5 or [fd00::1]:5432, or a range such as "
    "10.0.0.0/8";

bool has_prefix(const Bytes& address, const Bytes& prefix, unsigned bits) noexcept {
  const unsigned whole = bits / 8;
  if (std::memcmp(address.data(), prefix.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
  return ((address[whole] ^ prefix[whole]) & mask) == 0;
}

Bytes mapped(std::uint32_t v4) {
  Bytes bytes = kMapped;
  for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(v4 >> (24 - 8 * i));
  return bytes;
}

std::uint32_t last_word(const Bytes& bytes) {
  return std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 |
         std::uint32_t{bytes[14]} << 8 | bytes[15];
}

Bytes bytes_of(const SocketAddress& address) {
  Bytes bytes{};
  if (address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address.data(), sizeof v4);
    return mapped(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, address.data(), sizeof v6);
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return bytes;
}

struct V4Range {
  std::uint32_t address;
  unsigned bits;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// Registry of special IPv4 addresses: those that are not globally reachable, and
// multicast. In 192.0.0.0/24 two anycast addresses are (PCP, TURN).
constexpr std::array kSpecialV4 = {
    V4Range{ip(0, 0, 0, 0), 8},      V4Range{ip(10, 0, 0, 0), 8},
    V4Range{ip(100, 64, 0, 0), 10},  V4Range{ip(127, 0, 0, 0), 8},
    V4Range{ip(169, 254, 0, 0), 16}, V4Range{ip(172, 16, 0, 0), 12},
    V4Range{ip(192, 0, 0, 0), 24},   V4Range{ip(192, 0, 2, 0), 24},
    V4Range{ip(192, 88, 99, 0), 24}, V4Range{ip(192, 168, 0, 0), 16},
    V4Range{ip(198, 18, 0, 0), 15},  V4Range{ip(198, 51, 100, 0), 24},
    V4Range{ip(203, 0, 113, 0), 24}, V4Range{ip(224, 0, 0, 0), 4},
    V4Range{ip(240, 0, 0, 0), 4}};

bool is_public_v4(std::uint32_t address) {
  if (address == ip(192, 0, 0, 9) || address == ip(192, 0, 0, 10)) return true;
  return std::ranges::none_of(kSpecialV4, [&](const V4Range& range) {
    return (address ^ range.address) >> (32 - range.bits) == 0;
  });
}

struct V6Range {
  Bytes address;
  unsigned bits;
};

// Registry of special IPv6 addresses within 2000::/3, the only unicast space given
// out so far: those that are not globally reachable.
constexpr std::array kSpecialV6 = {
    V6Range{{0x20, 0x01, 0x00, 0x00}, 23},  // IETF assignments, with Teredo, but see below
    V6Range{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    V6Range{{0x20, 0x02}, 16},              // 6to4: any IPv4 address
    V6Range{{0x3f, 0xff, 0x00}, 20}};       // documentation

// Parts of 2001::/23 that are reachable.
constexpr std::array kReachableV6 = {
    V6Range{{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},  // PCP anycast
    V6Range{{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 128},  // TURN anycast
    V6Range{{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}, 128},  // DNS-SD anycast
    V6Range{{0x20, 0x01, 0, 3}, 32},                                       // AMT
    V6Range{{0x20, 0x01, 0, 4, 0x01, 0x12}, 48},                           // AS112
    V6Range{{0x20, 0x01, 0, 0x20}, 28},                                    // ORCHIDv2
    V6Range{{0x20, 0x01, 0, 0x30}, 28}};                                   // drone identities

bool is_public(const Bytes& address) {
  if (has_prefix(address, kMapped, kMappedBits) || has_prefix(address, kNat64, kMappedBits)) {
    return is_public_v4(last_word(address));
  }
  constexpr Bytes kUnicast = {0x20};
  if (!has_prefix(address, kUnicast, 3)) return false;
  const auto contains = [&](const V6Range& range) {
    return has_prefix(address, range.address, range.bits);
  };
  return std::ranges::none_of(kSpecialV6, contains) || std::ranges::any_of(kReachableV6, contains);
}

template <class T>
std::optional<T> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || rest != end || value > most) return std::nullopt;
  return static_cast<T>(value);
}

std::unexpected<Error> wrong(std::string_view text, std::string_view what) {
  return fail(ErrorCode::config_invalid, "'" + std::string(text) + "' " + std::string(what),
              std::string(kExample));
}

/// Takes ":PORT" off the end. In IPv6 without brackets every colon is the address's.
Result<std::string_view> take_port(std::string_view text, EgressRule& rule) {
  std::string_view rest = text;
  std::optional<std::string_view> port;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return wrong(text, "has no closing bracket");
    if (const auto after = rest.substr(close + 1); !after.empty()) {
      if (!after.starts_with(':')) return wrong(text, "has something other than :PORT behind ']'");
      port = after.substr(1);
    }
    rest = rest.substr(1, close - 1);
    if (rest.find(':') == std::string_view::npos) return wrong(text, "has no IPv6 address in []");
  } else if (std::ranges::count(rest, ':') == 1) {
    port = rest.substr(rest.find(':') + 1);
    rest = rest.substr(0, rest.find(':'));
  }
  if (port) {
    const auto value = number<std::uint16_t>(*port, 65535);
    if (!value || *value == 0) return wrong(text, "has no port from 1 to 65535 behind the colon");
    rule.port = *value;
  }
  return rest;
}

}  // namespace

bool is_public(const SocketAddress& address) noexcept { return is_public(bytes_of(address)); }

Result<EgressRule> parse_egress_rule(std::string_view text) {
  EgressRule rule;
  rule.text = text;
  if (text == "public") return rule;
  if (text == "all") {
    rule.kind = EgressRule::Kind::all;
    return rule;
  }
  rule.kind = EgressRule::Kind::range;
  TRY(const std::string_view range, take_port(text, rule));
  const std::size_t slash = range.find('/');
  const std::string host(range.substr(0, slash));
  in_addr v4{};
  const bool is_v4 = ::inet_pton(AF_INET, host.c_str(), &v4) == 1;
  if (is_v4) {
    rule.address = mapped(ntohl(v4.s_addr));
  } else if (host.contains('\0') || ::inet_pton(AF_INET6, host.c_str(), rule.address.data()) != 1) {
    return wrong(text, "is no address, and names are not looked up here");
  }
  if (slash == std::string_view::npos) return rule;
  const unsigned most = is_v4 ? 32 : 128;
  const auto bits = number<std::uint8_t>(range.substr(slash + 1), most);
  if (!bits) return wrong(text, "needs a prefix from 0 to " + std::to_string(most));
  rule.prefix = static_cast<std::uint8_t>(*bits + (is_v4 ? kMappedBits : 0));
  for (unsigned bit = rule.prefix; bit < 128; ++bit) {
    if ((rule.address[bit / 8] & (0x80 >> bit % 8)) != 0) {
      return wrong(text, "has bits of the address beyond its prefix");
    }
  }
  return rule;
}

EgressRules EgressRules::public_only() {
  EgressRule rule;
  rule.text = "public";
  return EgressRules({rule});
}

Result<EgressRules> EgressRules::parse(std::span<const std::string> texts) {
  std::vector<EgressRule> rules;
  for (const std::string& text : texts) {
    TRY(EgressRule rule, parse_egress_rule(text));
    rules.push_back(std::move(rule));
  }
  return EgressRules(std::move(rules));
}

bool EgressRules::allows(const SocketAddress& address) const noexcept {
  const Bytes bytes = bytes_of(address);
  return std::ranges::any_of(rules_, [&](const EgressRule& rule) {
    switch (rule.kind) {
      case EgressRule::Kind::all:
        return true;
      case EgressRule::Kind::public_:
        return is_public(bytes);
      case EgressRule::Kind::range:
        break;
    }
    return (rule.port == 0 || rule.port == address.port()) &&
           has_prefix(bytes, rule.address, rule.prefix);
  });
}

std::vector<std::string> EgressRules::texts() const {
  std::vector<std::string> texts;
  for (const EgressRule& rule : rules_) texts.push_back(rule.text);
  return texts;
}

}  // namespace brink::net
