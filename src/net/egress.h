#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/socket_address.h"

namespace brink::net {

/// Whether an address is one of the public Internet: globally reachable by the IANA
/// registries of special addresses (RFC 6890, RFC 8190, as of 2025) and unicast.
/// What stands for an IPv4 address (::ffff:0:0/96, 64:ff9b::/96) is as public as
/// that; other ways to write one (6to4, Teredo, ::/96) are not.
bool is_public(const SocketAddress& address) noexcept;

/// What a program may be let reach: "public", "all", an address or a range, each
/// with a port or for all ports.
struct EgressRule {
  enum class Kind : std::uint8_t { public_, all, range } kind = Kind::public_;
  std::array<std::uint8_t, 16> address{};  ///< IPv4 as ::ffff:a.b.c.d
  std::uint8_t prefix = 128;               ///< bits of `address` that count
  std::uint16_t port = 0;                  ///< 0: any
  std::string text;                        ///< as it was written
};

/// "public", "all", "10.0.0.5", "10.0.0.5:5432", "10.0.0.0/8", "10.0.0.0/8:443",
/// "fd00::/8", "[fd00::1]:5432", "[fd00::/8]:443". No names: a name could mean another
/// address by the time it counts. The error (config_invalid) says what is wrong with it.
Result<EgressRule> parse_egress_rule(std::string_view text);

/// Where a program's outgoing connections and datagrams may go. Rules add up; none
/// of them: nowhere. Asked about the numeric address at the moment of use, so a name
/// that resolves to something else every time gains nothing. A value.
class EgressRules {
 public:
  EgressRules() = default;  ///< allows nothing
  explicit EgressRules(std::vector<EgressRule> rules) : rules_(std::move(rules)) {}
  /// The default: public addresses.
  static EgressRules public_only();
  static Result<EgressRules> parse(std::span<const std::string> texts);

  void add(EgressRule rule) { rules_.push_back(std::move(rule)); }

  [[nodiscard]] bool allows(const SocketAddress& address) const noexcept;
  /// The rules as they were written.
  [[nodiscard]] std::vector<std::string> texts() const;

 private:
  std::vector<EgressRule> rules_;
};

}  // namespace brink::net
