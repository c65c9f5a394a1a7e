#pragma once

#include <span>
#include <vector>

#include "net/event_loop.h"
#include "wasm/wait_set.h"

namespace brink::worker {

/// The kernel descriptors that a waiting guest awaits, in the worker's loop: sockets,
/// pipes, epoll sets. Watched only while it waits, since a guest that runs may close
/// them. Used by one thread; not movable.
class DescriptorWatch final : private net::EventHandler {
 public:
  class Owner {
   public:
    /// Something has happened to one of them. They are not watched any more.
    virtual void descriptor_ready() = 0;

   protected:
    ~Owner() = default;
  };

  DescriptorWatch(net::EventLoop& loop, Owner& owner) : loop_(loop), owner_(owner) {}
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;
  ~DescriptorWatch() { clear(); }

  enum class Watched : std::uint8_t { all, not_all };
  /// Several interests in one descriptor count as one. `not_all` when the kernel
  /// cannot watch one of them (a file, or its limit of watches is reached): then none
  /// is watched.
  Watched watch(std::span<const wasm::WaitSet::Interest> interests);
  void clear();

 private:
  void on_events(std::uint32_t events) override;

  net::EventLoop& loop_;
  Owner& owner_;
  std::vector<int> watched_;
};

}  // namespace brink::worker
