#pragma once

#include "base/clock.h"
#include "wasm/guest.h"

namespace brink::app {

/// Lets the one thread of a process wait for what its guest awaits, in ppoll.
class PollWaiter final : public wasm::Waiter {
 public:
  explicit PollWaiter(const Clock& clock) : clock_(clock) {}
  bool wait(const wasm::WaitSet& waits) noexcept override;

 private:
  const Clock& clock_;
};

}  // namespace brink::app
