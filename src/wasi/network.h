#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "net/socket_address.h"
#include "wasi/errno.h"

namespace brink::wasi {

enum class Transport : std::uint8_t { stream, datagram };

/// What of the network a guest may use, and how it becomes a server: what an
/// executor decides. Without one (null in ProcessSetup) a guest has socket pairs
/// only. Called in the guest's turn; nothing here blocks. Addresses are numeric and
/// checked where they are used, so a name that resolves differently every time
/// gains nothing.
class Network {
 public:
  /// A port that the guest serves; dropped with its socket.
  class Lease {
   public:
    virtual ~Lease() = default;
    /// In a forked child, which holds the socket as well.
    virtual void after_fork_in_child() noexcept {}
  };

  virtual ~Network() = default;

  /// Whether the guest may open sockets of a family: AF_INET, AF_INET6, AF_UNIX.
  [[nodiscard]] virtual bool offers(int family) const noexcept = 0;

  /// Whether a connection or a datagram may go to `address` (never one without a
  /// port: 0 stands for a group that is joined).
  [[nodiscard]] virtual bool may_reach(Transport transport,
                                       const net::SocketAddress& address) const noexcept = 0;

  /// Whether the guest may have ports of its own choice. Where not, it only connects.
  [[nodiscard]] virtual bool serves() const noexcept = 0;

  /// Binds a kernel socket: of datagrams, or before it connects. `socket` stays the
  /// guest's. ACCES where guests don't serve; the errors of bind(2).
  virtual Outcome<std::unique_ptr<Lease>> bind(int socket, Transport transport,
                                               const net::SocketAddress& address) noexcept = 0;

  /// The moment a guest becomes a server: opens `socket` for connections to the
  /// address that it has asked for. `bound` says whether bind(2) was done before
  /// (for port 0). ACCES where guests don't serve; the errors of bind(2) and listen(2).
  enum class Bound : std::uint8_t { no, yes };
  virtual Outcome<std::unique_ptr<Lease>> listen(int socket, const net::SocketAddress& address,
                                                 Bound bound, int backlog) noexcept = 0;

  /// What makes abstract AF_UNIX names private to the guest's family: put in front
  /// of them. At most 24 bytes.
  [[nodiscard]] virtual std::string_view abstract_prefix() const noexcept = 0;

  /// Name servers that `resolve` may ask whatever may_reach() says: those that the
  /// guest is given, not what it writes into its own /etc/resolv.conf.
  [[nodiscard]] virtual std::span<const net::SocketAddress> name_servers() const noexcept = 0;
};

}  // namespace brink::wasi
