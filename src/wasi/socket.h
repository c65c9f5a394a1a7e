#pragma once

#include <memory>

#include "base/unique_fd.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// A kernel socket as a descriptor: a listener or a connection. The kernel's file
/// description is always non-blocking; whether the guest waits is up to `flags`.
class Socket final : public OpenDescription {
 public:
  enum class Role : std::uint8_t { listener, connection };

  struct Received {
    std::uint64_t size;
    bool truncated;  ///< the rest of a datagram is lost
  };

  /// Makes `socket` non-blocking. NOTSOCK for other descriptors.
  static Outcome<std::shared_ptr<Socket>> adopt(UniqueFd socket);

  [[nodiscard]] bool listens() const noexcept { return role_ == Role::listener; }

  /// A connection that waits to be accepted. Errno::again when there is none.
  Outcome<std::shared_ptr<Socket>> accept(std::uint16_t flags) noexcept;
  /// `flags` are recv(2)'s: MSG_PEEK and MSG_TRUNC only.
  Outcome<Received> receive(std::span<const MutableBytes> buffers, int flags) noexcept;
  Outcome<std::uint64_t> send(std::span<const ConstBytes> buffers) noexcept;
  /// `how` as for shutdown(2).
  Outcome<void> shutdown(int how) noexcept;

  [[nodiscard]] FileType type() const noexcept override { return type_; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override { return descriptor_.get(); }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;
  Socket* socket() noexcept override { return this; }

  Socket(UniqueFd descriptor, Role role, FileType type, std::uint16_t flags)
      : descriptor_(std::move(descriptor)), role_(role), type_(type), flags_(flags) {}

 private:
  UniqueFd descriptor_;
  Role role_;
  FileType type_;
  std::uint16_t flags_;
};

}  // namespace brink::wasi
