#pragma once

#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/unique_fd.h"
#include "base/units.h"
#include "wasi/guest_address.h"
#include "wasi/network.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// A name as the kernel takes it.
struct KernelAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  /// What a path in it goes through; open until the call is made.
  UniqueFd held = {};

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

/// A kernel socket as a descriptor: a listener, a connection, or one that is to
/// become either. The kernel's file description is always non-blocking; whether the
/// guest waits is up to `flags`.
///
/// bind() of a TCP socket is remembered and done when the guest listens or connects:
/// libc binds a socket to learn how ports are returned and then closes it, and the
/// guests of one machine must not fight for that port.
class Socket final : public OpenDescription {
 public:
  enum class Role : std::uint8_t { fresh, listener, connection };

  struct Received {
    std::uint64_t size;
    bool truncated;                         ///< the rest of a datagram is lost
    std::optional<GuestAddress> from = {};  ///< of a datagram, if asked
  };

  enum class TimeOut : std::uint8_t { receive, send, connect, accept };

  /// What options set here and not in the kernel.
  struct Settings {
    std::array<std::optional<Duration>, 4> time_outs;  ///< by TimeOut
    /// Closing never waits, so only zero (a reset) is the kernel's business.
    std::optional<Duration> linger;
    bool only_v6 = false;
  };

  /// Makes `socket` non-blocking. NOTSOCK for other descriptors.
  static Outcome<std::shared_ptr<Socket>> adopt(UniqueFd socket);

  /// A new one; family and type as for socket(2).
  static Outcome<std::shared_ptr<Socket>> open(int family, int type, int protocol,
                                               std::uint16_t flags);
  /// Two AF_UNIX ones, connected to each other.
  static Outcome<std::pair<std::shared_ptr<Socket>, std::shared_ptr<Socket>>> pair(
      int type, std::uint16_t flags);

  [[nodiscard]] bool listens() const noexcept { return role_ == Role::listener; }
  [[nodiscard]] int family() const noexcept { return family_; }
  [[nodiscard]] bool is_inet() const noexcept { return family_ != AF_UNIX; }
  [[nodiscard]] Transport transport() const noexcept {
    return type_ == FileType::socket_datagram ? Transport::datagram : Transport::stream;
  }
  /// The listener has been polled: a guest that does that expects AGAIN from an empty
  /// queue, even where its libc has lost the flag that says so.
  [[nodiscard]] bool was_watched() const noexcept { return watched_; }
  [[nodiscard]] Settings& settings() noexcept { return settings_; }

  // Names and connections (socket_naming.cc).
  Outcome<void> bind(Network* network, const net::SocketAddress& address);
  Outcome<void> bind_unix(const UnixName& name, const KernelAddress& address);
  Outcome<void> listen(Network* network, int backlog);
  /// AGAIN while it goes on (call it again then), INPROGRESS when it has begun.
  Outcome<void> connect(Network* network, const net::SocketAddress& address);
  Outcome<void> connect_unix(const UnixName& name, const KernelAddress& address);
  /// Datagrams only: takes back the peer.
  Outcome<void> disconnect();
  [[nodiscard]] Outcome<GuestAddress> local() const;
  [[nodiscard]] Outcome<GuestAddress> peer() const;
  /// WASIX sock_status.
  enum class Status : std::uint8_t { opening = 0, opened = 1, closed = 2, failed = 3 };
  [[nodiscard]] Status status() const;

  // Bytes (socket.cc).
  /// A connection that waits to be accepted. Errno::again when there is none.
  Outcome<std::shared_ptr<Socket>> accept(std::uint16_t flags) noexcept;
  /// `flags` are recv(2)'s: MSG_PEEK and MSG_TRUNC only.
  enum class Sender : std::uint8_t { unasked, told };
  Outcome<Received> receive(std::span<const MutableBytes> buffers, int flags,
                            Sender sender = Sender::unasked) noexcept;
  /// `to` only of datagrams, and checked by the caller; null: the peer.
  Outcome<std::uint64_t> send(std::span<const ConstBytes> buffers,
                              const KernelAddress* to = nullptr) noexcept;
  /// `how` as for shutdown(2).
  Outcome<void> shutdown(int how) noexcept;

  [[nodiscard]] FileType type() const noexcept override { return type_; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] std::optional<Duration> patience(Direction direction) const noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override { return descriptor_.get(); }
  void watched() noexcept override { watched_ = true; }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;
  void after_fork_in_child() noexcept override;
  Socket* socket() noexcept override { return this; }

  struct Kind {
    int family;
    Role role;
    FileType type;
  };
  Socket(UniqueFd descriptor, const Kind& kind, std::uint16_t flags)
      : descriptor_(std::move(descriptor)),
        family_(kind.family),
        role_(kind.role),
        type_(kind.type),
        flags_(flags) {}

 private:
  Outcome<void> bind_now(Network& network, const net::SocketAddress& address);
  Outcome<void> bind_wanted(Network* network);
  [[nodiscard]] Outcome<GuestAddress> name_from_kernel(const sockaddr_storage& address,
                                                       socklen_t size) const;

  UniqueFd descriptor_;
  int family_;
  Role role_;
  FileType type_;
  std::uint16_t flags_;
  bool watched_ = false;
  bool connecting_ = false;
  /// A datagram socket whose peer is out of reach: connected for the sake of its own
  /// address, as name look-ups do; nothing is sent.
  bool mute_ = false;
  Settings settings_;
  std::optional<net::SocketAddress> wanted_;  ///< from a bind() that the kernel awaits
  std::unique_ptr<Network::Lease> lease_;
  UnixName own_name_;
  UnixName peer_name_;
};

}  // namespace brink::wasi
