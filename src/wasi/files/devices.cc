#include "wasi/files/devices.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "wasi/files/host_call.h"
#include "wasi/files/open_file.h"

namespace brink::wasi::files {
namespace {

constexpr std::array kNames = {
    DeviceName{"null", Device::null},      DeviceName{"random", Device::random},
    DeviceName{"stderr", Device::stderr_}, DeviceName{"stdin", Device::stdin_},
    DeviceName{"stdout", Device::stdout_}, DeviceName{"urandom", Device::urandom},
    DeviceName{"zero", Device::zero},
};
static_assert(std::ranges::is_sorted(kNames, {}, &DeviceName::name));

Outcome<void> fill_random(std::byte* to, std::size_t length) noexcept {
  while (length > 0) {
    const auto got = ::getrandom(to, length, GRND_NONBLOCK);
    if (got < 0) {
      if (errno == EINTR) continue;
      return host_failure();
    }
    to += got;
    length -= static_cast<std::size_t>(got);
  }
  return {};
}

bool is_standard_stream(Device device) {
  return device == Device::stdin_ || device == Device::stdout_ || device == Device::stderr_;
}

}  // namespace

std::span<const DeviceName> device_names() noexcept { return kNames; }

Outcome<std::size_t> read_device(Device device, std::span<const iovec> to) noexcept {
  if (is_standard_stream(device)) return refuse(Errno::badf);
  if (device == Device::null) return 0;
  std::size_t done = 0;
  for (const iovec& piece : to) {
    const std::size_t length = std::min(piece.iov_len, kMaxTransfer - done);
    if (length == 0) continue;
    if (device == Device::zero) {
      std::memset(piece.iov_base, 0, length);
    } else if (auto filled = fill_random(static_cast<std::byte*>(piece.iov_base), length);
               !filled) {
      return refuse(filled.error());
    }
    done += length;
  }
  return done;
}

Outcome<std::size_t> write_device(Device device, std::span<const iovec> from) noexcept {
  if (is_standard_stream(device)) return refuse(Errno::badf);
  std::size_t sum = 0;
  for (const iovec& piece : from) sum += piece.iov_len;
  return sum;
}

}  // namespace brink::wasi::files
