#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "wasi/network.h"

namespace brink::wasi {

/// The ports that a guest family serves, counted by socket and process: what its own
/// loopback reaches. In memory that forked processes share, so each sees what the
/// others serve. Lock-free. What a process held that was killed counts until the
/// family ends.
class OwnPorts {
 public:
  /// Of its own; throws std::bad_alloc when the kernel has no memory left.
  OwnPorts();
  ~OwnPorts();
  OwnPorts(const OwnPorts&) = delete;
  OwnPorts& operator=(const OwnPorts&) = delete;

  [[nodiscard]] bool holds(Transport transport, std::uint16_t port) const noexcept {
    return count(transport, port).load(std::memory_order_acquire) != 0;
  }
  /// Counts a port until the lease goes. This outlives the lease.
  std::unique_ptr<Network::Lease> lease(Transport transport, std::uint16_t port);

 private:
  friend class PortLease;
  using Count = std::atomic<std::uint32_t>;
  struct Counts {
    std::array<std::array<Count, 65536>, 2> by_transport;
  };
  [[nodiscard]] Count& count(Transport transport, std::uint16_t port) const noexcept {
    return counts_->by_transport[static_cast<std::size_t>(transport)][port];
  }

  Counts* counts_;
};

}  // namespace brink::wasi
