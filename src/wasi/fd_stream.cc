#include "wasi/fd_stream.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>

#include "wasi/iovecs.h"
#include "wasi/kernel_readiness.h"

namespace brink::wasi {
namespace {

/// How much may be written once poll(2) reported room, without waiting.
std::uint64_t safe_write_size(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) != 0) return SSIZE_MAX;
  struct stat stat{};
  if (::fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) return SSIZE_MAX;
  return PIPE_BUF;
}

/// Cuts `iovecs` down to `limit` bytes; how many of them are left.
int cut(std::span<iovec> iovecs, std::uint64_t limit) {
  int used = 0;
  for (iovec& piece : iovecs) {
    if (limit == 0) break;
    piece.iov_len = std::min<std::uint64_t>(piece.iov_len, limit);
    limit -= piece.iov_len;
    ++used;
  }
  return used;
}

Outcome<std::uint64_t> result_of(ssize_t moved) {
  if (moved >= 0) return static_cast<std::uint64_t>(moved);
  // Interrupted before anything was moved: there is no reason not to try again.
  if (errno == EINTR || errno == EAGAIN) return std::unexpected(Errno::again);
  return std::unexpected(from_host(errno));
}

}  // namespace

Outcome<std::uint64_t> FdInputStream::try_read(std::span<const MutableBytes> buffers) noexcept {
  if (!available().ready()) return std::unexpected(Errno::again);
  Iovecs iovecs(buffers);
  return result_of(::readv(fd_, iovecs.data(), static_cast<int>(iovecs.size())));
}

Readiness FdInputStream::available() noexcept { return kernel_readiness(fd_, POLLIN); }

void FdInputStream::add_wait(wasm::WaitSet& wait) noexcept { wait.on_fd(fd_, POLLIN); }

Outcome<std::uint64_t> FdOutputStream::try_write(std::span<const ConstBytes> buffers) noexcept {
  if (!room().ready()) return std::unexpected(Errno::again);
  Iovecs iovecs(buffers);
  const int count = cut(iovecs.view(), safe_write_size(fd_));
  return result_of(::writev(fd_, iovecs.data(), count));
}

Readiness FdOutputStream::room() noexcept { return kernel_readiness(fd_, POLLOUT); }

void FdOutputStream::add_wait(wasm::WaitSet& wait) noexcept { wait.on_fd(fd_, POLLOUT); }

}  // namespace brink::wasi
