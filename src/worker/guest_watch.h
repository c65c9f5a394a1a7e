#pragma once

#include <vector>

#include "net/event_loop.h"
#include "wasm/wait_set.h"

namespace brink::worker {

/// Watches the kernel descriptors that one guest awaits, its outgoing connections,
/// and tells of the first event; then it watches none until the next wait. The
/// guest's descriptors stay open meanwhile: it is suspended.
class GuestWatch final : private net::EventHandler {
 public:
  class Owner {
   public:
    virtual void awaited_event() = 0;

   protected:
    ~Owner() = default;
  };

  GuestWatch(net::EventLoop& loop, Owner& owner) : loop_(loop), owner_(owner) {}
  GuestWatch(const GuestWatch&) = delete;
  GuestWatch& operator=(const GuestWatch&) = delete;
  ~GuestWatch() { clear(); }

  /// False when the kernel refuses: the caller looks again after a while.
  bool watch(const std::vector<wasm::WaitSet::Interest>& interests);
  void clear();

 private:
  void on_events(std::uint32_t events) override;

  net::EventLoop& loop_;
  Owner& owner_;
  std::vector<wasm::WaitSet::Interest> watched_;  ///< each descriptor once
};

}  // namespace brink::worker
