#include "wasi/kernel_readiness.h"

#include <poll.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace brink::wasi {

Readiness kernel_readiness(int fd, short events) noexcept {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  int count = 0;
  do {
    count = ::poll(&entry, 1, 0);
  } while (count < 0 && errno == EINTR);
  // A poll that fails says nothing: the attempt itself will find out.
  if (count < 0) return {.state = Readiness::State::ready};
  if (count == 0) return {};
  Readiness readiness{.state = Readiness::State::ready};
  if ((entry.revents & (POLLHUP | POLLERR)) != 0) readiness.state = Readiness::State::hung_up;
  int bytes = 0;
  if ((events & POLLIN) != 0 && ::ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0) {
    readiness.bytes = static_cast<std::uint64_t>(bytes);
  }
  return readiness;
}

}  // namespace brink::wasi
