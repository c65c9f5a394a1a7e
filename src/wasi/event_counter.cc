#include "wasi/event_counter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "wasi/kernel_readiness.h"

namespace brink::wasi {
namespace {

using Number = std::array<std::byte, sizeof(std::uint64_t)>;

template <class Byte>
std::uint64_t total(std::span<const std::span<Byte>> buffers) {
  std::uint64_t sum = 0;
  for (const auto buffer : buffers) sum += buffer.size();
  return sum;
}

}  // namespace

Outcome<std::shared_ptr<EventCounter>> EventCounter::create(std::uint64_t initial, Kind kind,
                                                            std::uint16_t flags) {
  if (initial == UINT64_MAX) return std::unexpected(Errno::inval);
  const int semaphore = kind == Kind::semaphore ? EFD_SEMAPHORE : 0;
  UniqueFd descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | semaphore));
  if (!descriptor) return std::unexpected(from_host(errno));
  // eventfd(2) takes 32 bits only.
  if (initial != 0 && ::eventfd_write(descriptor.get(), initial) != 0) {
    return std::unexpected(from_host(errno));
  }
  return std::make_shared<EventCounter>(std::move(descriptor), flags);
}

Outcome<void> EventCounter::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> EventCounter::read(std::span<const MutableBytes> buffers) noexcept {
  Number number;
  if (total(buffers) < number.size()) return std::unexpected(Errno::inval);
  ssize_t got = 0;
  do {
    got = ::read(descriptor_.get(), number.data(), number.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::unexpected(from_host(errno));
  std::size_t at = 0;
  for (const MutableBytes buffer : buffers) {
    const std::size_t size = std::min(buffer.size(), number.size() - at);
    if (size != 0) std::memcpy(buffer.data(), number.data() + at, size);
    at += size;
  }
  return number.size();
}

Outcome<std::uint64_t> EventCounter::write(std::span<const ConstBytes> buffers) noexcept {
  Number number;
  std::size_t at = 0;
  for (const ConstBytes buffer : buffers) {
    const std::size_t size = std::min(buffer.size(), number.size() - at);
    if (size != 0) std::memcpy(number.data() + at, buffer.data(), size);
    at += size;
  }
  if (at < number.size()) return std::unexpected(Errno::inval);
  ssize_t taken = 0;
  do {
    taken = ::write(descriptor_.get(), number.data(), number.size());
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) return std::unexpected(from_host(errno));
  // All of it: a caller would go on with the rest as with that of a stream.
  return total(buffers);
}

Outcome<Readiness> EventCounter::readiness(Direction direction) noexcept {
  Readiness readiness =
      kernel_readiness(descriptor_.get(), direction == Direction::read ? POLLIN : POLLOUT);
  if (readiness.ready()) readiness.bytes = sizeof(Number);
  return readiness;
}

void EventCounter::add_wait(Direction direction, wasm::WaitSet& wait) noexcept {
  wait.on_fd(descriptor_.get(), direction == Direction::read ? POLLIN : POLLOUT);
}

std::optional<PortableDescription> EventCounter::portable() const {
  return PortableDescription{
      .kind = PortableDescription::Kind::event, .flags = flags_, .descriptor = descriptor_.get()};
}

}  // namespace brink::wasi
