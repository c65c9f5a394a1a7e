#include "ipc/wakers.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace brink::ipc {

Result<Wakers> Wakers::create(std::uint32_t seats) {
  std::vector<UniqueFd> fds;
  for (std::uint32_t i = 0; i < seats; ++i) {
    fds.emplace_back(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fds.back()) {
      return std::unexpected(errno_error(ErrorCode::resource_exhausted, "eventfd", errno));
    }
  }
  return Wakers(std::move(fds));
}

int Wakers::fd(std::uint32_t seat) const noexcept {
  return seat < fds_.size() ? fds_[seat].get() : -1;
}

void Wakers::wake(std::uint32_t seat) const noexcept {
  // Fails only when 2^64 - 2 wake-ups are pending: it is awake enough.
  const std::uint64_t one = 1;
  if (seat < fds_.size()) static_cast<void>(::write(fds_[seat].get(), &one, sizeof one) > 0);
}

bool Wakers::take(std::uint32_t seat) const noexcept {
  std::uint64_t count = 0;
  return seat < fds_.size() && ::read(fds_[seat].get(), &count, sizeof count) == sizeof count;
}

}  // namespace brink::ipc
