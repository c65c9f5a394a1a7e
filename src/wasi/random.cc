#include "wasi/random.h"

#include <sys/random.h>

#include <cerrno>

namespace brink::wasi {

Outcome<void> SystemRandom::fill(std::span<std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    // GRND_NONBLOCK only matters before the kernel's pool is seeded, early at boot.
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), GRND_NONBLOCK);
    if (got < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(from_host(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace brink::wasi
