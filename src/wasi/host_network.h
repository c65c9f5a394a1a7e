#pragma once

#include <string>
#include <vector>

#include "net/egress.h"
#include "wasi/network.h"
#include "wasi/own_ports.h"

namespace brink::wasi {

/// The host's network, within the rules for outgoing traffic: `servers` bind the
/// host's addresses and ports as the guest asks for them. Loopback addresses mean
/// the guest's own listeners, unless a rule allows more.
class HostNetwork final : public Network {
 public:
  struct Options {
    net::EgressRules egress = net::EgressRules::public_only();
    /// The family's; not owned. Null: the guest only connects.
    OwnPorts* servers = nullptr;
    /// Different for every family, at most 16 bytes.
    std::string family;
    std::vector<net::SocketAddress> name_servers;
  };
  explicit HostNetwork(Options options);

  [[nodiscard]] bool offers(int family) const noexcept override;
  [[nodiscard]] bool may_reach(Transport transport,
                               const net::SocketAddress& address) const noexcept override;
  [[nodiscard]] bool serves() const noexcept override { return options_.servers != nullptr; }
  Outcome<std::unique_ptr<Lease>> bind(int socket, Transport transport,
                                       const net::SocketAddress& address) noexcept override;
  Outcome<std::unique_ptr<Lease>> listen(int socket, const net::SocketAddress& address, Bound bound,
                                         int backlog) noexcept override;
  [[nodiscard]] std::string_view abstract_prefix() const noexcept override { return prefix_; }
  [[nodiscard]] std::span<const net::SocketAddress> name_servers() const noexcept override {
    return options_.name_servers;
  }

 private:
  Options options_;
  std::string prefix_;
};

}  // namespace brink::wasi
