#include "worker/body_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace brink::worker {
namespace {

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return std::unexpected(errno_error(ErrorCode::io_error, "keeping a request body", errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

void BodySpool::begin(int directory) {
  directory_ = directory;
  memory_.clear();
  file_.reset();
  budget_.give(size_);
  size_ = position_ = 0;
}

void BodySpool::release() {
  begin(-1);
  std::string().swap(memory_);
}

Result<void> BodySpool::move_to_file() {
  file_.reset(::openat(directory_, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file_) {
    return std::unexpected(errno_error(ErrorCode::io_error, "keeping a request body", errno));
  }
  TRY_VOID(write_all(file_.get(), memory_));
  std::string().swap(memory_);
  return {};
}

Result<void> BodySpool::append(std::string_view bytes) {
  if (!budget_.take(size_, bytes.size())) {
    return fail(ErrorCode::queue_full, "too many request bodies are being kept at once",
                "try again later, or state the body's length");
  }
  size_ += bytes.size();
  if (!file_ && memory_.size() + bytes.size() > kInMemory) TRY_VOID(move_to_file());
  if (file_) return write_all(file_.get(), bytes);
  memory_.append(bytes);
  return {};
}

wasi::Outcome<std::uint64_t> BodySpool::try_read(
    std::span<const wasi::MutableBytes> buffers) noexcept {
  std::uint64_t total = 0;
  for (const wasi::MutableBytes buffer : buffers) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_ - position_));
    if (count == 0) break;
    if (file_) {
      const ssize_t got = ::pread(file_.get(), buffer.data(), count, static_cast<off_t>(position_));
      if (got <= 0) return std::unexpected(wasi::Errno::io);
      total += static_cast<std::uint64_t>(got);
      position_ += static_cast<std::uint64_t>(got);
      if (static_cast<std::size_t>(got) < count) break;
    } else {
      std::memcpy(buffer.data(), memory_.data() + position_, count);
      total += count;
      position_ += count;
    }
  }
  return total;
}

wasi::Readiness BodySpool::available() noexcept {
  return {wasi::Readiness::State::ready, size_ - position_};
}

}  // namespace brink::worker
