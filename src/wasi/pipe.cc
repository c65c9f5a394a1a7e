#include "wasi/pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>

#include "wasi/iovecs.h"
#include "wasi/kernel_readiness.h"

namespace brink::wasi {
namespace {

Outcome<std::uint64_t> result_of(ssize_t moved) {
  if (moved < 0) return std::unexpected(from_host(errno));
  return static_cast<std::uint64_t>(moved);
}

}  // namespace

Outcome<Pipe::Ends> Pipe::create() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return std::unexpected(from_host(errno));
  UniqueFd read(ends[0]);
  UniqueFd write(ends[1]);
  return Ends{std::make_shared<Pipe>(std::move(read), Direction::read, std::uint16_t{0}),
              std::make_shared<Pipe>(std::move(write), Direction::write, std::uint16_t{0})};
}

Outcome<std::shared_ptr<Pipe>> Pipe::adopt(UniqueFd descriptor, Direction end,
                                           std::uint16_t flags) {
  struct stat stat{};
  if (::fstat(descriptor.get(), &stat) != 0 || !S_ISFIFO(stat.st_mode)) {
    return std::unexpected(Errno::inval);
  }
  return std::make_shared<Pipe>(std::move(descriptor), end, flags);
}

Outcome<void> Pipe::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> Pipe::read(std::span<const MutableBytes> buffers) noexcept {
  Iovecs iovecs(buffers);
  ssize_t got = 0;
  do {
    got = ::readv(descriptor_.get(), iovecs.data(), static_cast<int>(iovecs.size()));
  } while (got < 0 && errno == EINTR);
  return result_of(got);
}

Outcome<std::uint64_t> Pipe::write(std::span<const ConstBytes> buffers) noexcept {
  Iovecs iovecs(buffers);
  ssize_t taken = 0;
  do {
    taken = ::writev(descriptor_.get(), iovecs.data(), static_cast<int>(iovecs.size()));
  } while (taken < 0 && errno == EINTR);
  return result_of(taken);
}

Outcome<Readiness> Pipe::readiness(Direction direction) noexcept {
  return kernel_readiness(descriptor_.get(), direction == Direction::read ? POLLIN : POLLOUT);
}

void Pipe::add_wait(Direction direction, wasm::WaitSet& wait) noexcept {
  wait.on_fd(descriptor_.get(), direction == Direction::read ? POLLIN : POLLOUT);
}

std::optional<PortableDescription> Pipe::portable() const {
  using enum PortableDescription::Kind;
  return PortableDescription{.kind = end_ == Direction::read ? pipe_read : pipe_write,
                             .flags = flags_,
                             .descriptor = descriptor_.get()};
}

}  // namespace brink::wasi
