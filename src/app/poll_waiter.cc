#include "app/poll_waiter.h"

#include <poll.h>

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace brink::app {

bool PollWaiter::wait(const wasm::WaitSet& waits) noexcept {
  if (waits.yields()) return true;
  // Streams that are no kernel descriptors, and a disk apart, exist in workers only.
  BRINK_CHECK(!waits.awaits_input() && !waits.awaits_output() && !waits.awaits_disk());
  std::vector<pollfd> fds;
  for (const auto& [fd, events] : waits.interests()) fds.push_back({fd, events, 0});
  timespec remaining{};
  if (waits.deadline()) {
    const Duration left = std::max(Duration(0), *waits.deadline() - clock_.now());
    remaining.tv_sec = left.count() / 1'000'000'000;
    remaining.tv_nsec = left.count() % 1'000'000'000;
  }
  // After a signal the attempt is simply repeated.
  ::ppoll(fds.data(), fds.size(), waits.deadline() ? &remaining : nullptr, nullptr);
  return true;
}

}  // namespace brink::app
