#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/socket_address.h"
#include "wasi/errno.h"
#include "wasm/wait_set.h"

namespace brink::wasi {

/// What look-ups go by: the guest's /etc/resolv.conf, checked.
struct ResolverConfig {
  std::vector<net::SocketAddress> servers;  ///< none: nothing can be looked up
  std::vector<std::string> search;          ///< domains tried for short names
  int ndots = 1;
};

/// Reads the text of a resolv.conf(5); what it does not understand is left out.
ResolverConfig parse_resolv_conf(std::string_view text);

/// The addresses of a name in a hosts(5) file, in its order.
std::vector<net::SocketAddress> find_in_hosts(std::string_view text, std::string_view name);

/// The look-ups of names that one guest has under way: DNS over sockets of their own,
/// driven by attempts. At most kMost at a time. Used by one thread at a time.
class Resolver {
 public:
  static constexpr std::size_t kMost = 32;

  Resolver();
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Begins to ask for both kinds of addresses; the look-up's number, never 0.
  /// AGAIN when too many are under way.
  Outcome<std::uint64_t> start(const std::string& name, const ResolverConfig& config);

  /// The addresses, and the look-up is over; or Errno::again, and `wait` has what is
  /// awaited. NOENT: there is no such name. AGAIN once over is TIMEDOUT or IO here:
  /// no server has answered, or none sensibly.
  Outcome<std::vector<net::SocketAddress>> go_on(std::uint64_t number, const Clock& clock,
                                                 wasm::WaitSet& wait);

 private:
  struct Lookup;
  std::map<std::uint64_t, std::unique_ptr<Lookup>> lookups_;
  std::uint64_t last_ = 0;
};

}  // namespace brink::wasi
