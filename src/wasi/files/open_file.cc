#include "wasi/files/open_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "wasi/files/host_call.h"

namespace brink::wasi::files {
namespace {

constexpr auto kMaxOffset = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

/// The first part of a list of pieces of memory, from byte `skip` on: at most
/// kMaxPieces of them and `limit` bytes.
class Pieces {
 public:
  Pieces(std::span<const iovec> all, std::size_t limit, std::size_t skip = 0) {
    for (const iovec& piece : all) {
      if (count_ == pieces_.size() || bytes_ == limit) break;
      const std::size_t skipped = std::min(piece.iov_len, skip);
      skip -= skipped;
      const std::size_t length = std::min(piece.iov_len - skipped, limit - bytes_);
      if (length == 0) continue;
      pieces_[count_++] = {.iov_base = static_cast<std::byte*>(piece.iov_base) + skipped,
                           .iov_len = length};
      bytes_ += length;
    }
  }
  [[nodiscard]] const iovec* data() const { return pieces_.data(); }
  [[nodiscard]] int count() const { return static_cast<int>(count_); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::array<iovec, kMaxPieces> pieces_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

/// With an offset of -1 at the file's own position, which then moves.
Outcome<std::size_t> write_at(int descriptor, const Pieces& from, std::int64_t offset,
                              Append append) {
  const int flags = append == Append::on ? RWF_APPEND : 0;
  const auto done = ::pwritev2(descriptor, from.data(), from.count(), offset, flags);
  if (done < 0) return host_failure();
  return static_cast<std::size_t>(done);
}

int host_advice(Advice advice) {
  switch (advice) {
    case Advice::normal:
      return POSIX_FADV_NORMAL;
    case Advice::sequential:
      return POSIX_FADV_SEQUENTIAL;
    case Advice::random:
      return POSIX_FADV_RANDOM;
    case Advice::willneed:
      return POSIX_FADV_WILLNEED;
    case Advice::dontneed:
      return POSIX_FADV_DONTNEED;
    case Advice::noreuse:
      return POSIX_FADV_NOREUSE;
  }
  return POSIX_FADV_NORMAL;
}

bool is_range(std::uint64_t offset, std::uint64_t length) {
  return offset <= kMaxOffset && length <= kMaxOffset - offset;
}

std::uint64_t size_of(const struct stat& file) { return static_cast<std::uint64_t>(file.st_size); }

}  // namespace

OpenFile::~OpenFile() { close(); }

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = std::move(other.descriptor_);
  scratch_ = other.scratch_;
  access_ = other.access_;
  append_ = other.append_;
  position_ = std::move(other.position_);
  provided_ino_ = other.provided_ino_;
  return *this;
}

void OpenFile::close() noexcept {
  if (descriptor_ && scratch_ != nullptr) scratch_->close(std::move(descriptor_));
}

Outcome<std::size_t> OpenFile::read(std::span<const iovec> to) const {
  if (position_) {
    // As two reads of one file description, neither waits for the other.
    const std::uint64_t at = position_->load();
    const auto done = pread(to, at);
    if (done) position_->store(at + *done);
    return done;
  }
  const Pieces pieces(to, kMaxTransfer);
  const auto done = ::readv(descriptor_.get(), pieces.data(), pieces.count());
  if (done < 0) return host_failure();
  return static_cast<std::size_t>(done);
}

Outcome<std::size_t> OpenFile::pread(std::span<const iovec> to, std::uint64_t offset) const {
  if (offset > kMaxOffset) return refuse(Errno::inval);
  const Pieces pieces(to, kMaxTransfer);
  const auto done =
      ::preadv(descriptor_.get(), pieces.data(), pieces.count(), static_cast<std::int64_t>(offset));
  if (done < 0) return host_failure();
  return static_cast<std::size_t>(done);
}

Outcome<OpenFile::Cached> OpenFile::read_cached(std::span<const iovec> to,
                                                std::optional<std::uint64_t> offset) const {
  if (offset && *offset > kMaxOffset - kMaxTransfer) return refuse(Errno::inval);
  if (position_ && !offset) {
    const std::uint64_t at = position_->load();
    const auto cached = read_cached(to, at);
    if (cached) position_->store(at + cached->bytes);
    return cached;
  }
  const std::size_t wanted = Pieces(to, kMaxTransfer).bytes();
  Cached cached;
  // A short read means either the file's end or the end of what is in memory: the next
  // one tells.
  while (cached.bytes < wanted) {
    const Pieces pieces(to, wanted - cached.bytes, cached.bytes);
    const auto at = offset ? static_cast<std::int64_t>(*offset + cached.bytes) : -1;
    const auto got = ::preadv2(descriptor_.get(), pieces.data(), pieces.count(), at, RWF_NOWAIT);
    if (got < 0 && errno == EAGAIN) {
      cached.missing = wanted - cached.bytes;
      break;
    }
    if (got < 0 && cached.bytes == 0) return host_failure();
    if (got <= 0) break;
    cached.bytes += static_cast<std::size_t>(got);
  }
  return cached;
}

Outcome<std::size_t> OpenFile::write(std::span<const iovec> from) {
  return transfer_out(from, -1, append_);
}

Outcome<std::size_t> OpenFile::pwrite(std::span<const iovec> from, std::uint64_t offset) {
  if (offset > kMaxOffset) return refuse(Errno::inval);
  return transfer_out(from, static_cast<std::int64_t>(offset), Append::off);
}

Outcome<std::size_t> OpenFile::transfer_out(std::span<const iovec> from, std::int64_t offset,
                                            Append append) {
  const Pieces wanted(from, kMaxTransfer);
  if (position_) return refuse(Errno::badf);
  if (scratch_ == nullptr || wanted.bytes() == 0) {
    return write_at(descriptor_.get(), wanted, offset, append);
  }
  Quota& quota = scratch_->quota();
  const Quota::Lock held = quota.lock();
  const auto file = stat_open(descriptor_.get());
  if (!file) return refuse(file.error());
  const std::uint64_t size = size_of(*file);
  std::uint64_t start = size;
  if (append == Append::off) {
    const std::int64_t at = offset >= 0 ? offset : ::lseek(descriptor_.get(), 0, SEEK_CUR);
    if (at < 0) return host_failure();
    start = static_cast<std::uint64_t>(at);
  }
  // As on a disk that fills up: what still fits is written.
  if (start + wanted.bytes() > size + quota.free_bytes(held)) scratch_->reclaim(held);
  const std::uint64_t end = std::min(start + wanted.bytes(), size + quota.free_bytes(held));
  const std::uint64_t last = std::max(end, std::min(start + wanted.bytes(), size));
  if (last <= start) return refuse(Errno::nospc);
  const std::uint64_t growth = last > size ? last - size : 0;
  if (auto taken = quota.take_bytes(held, growth); !taken) return refuse(taken.error());
  const Pieces fitting(from, static_cast<std::size_t>(last - start));
  const auto done = write_at(descriptor_.get(), fitting, offset, append);
  const std::uint64_t reached = done ? start + *done : start;
  const std::uint64_t grown = done && *done > 0 && reached > size ? reached - size : 0;
  quota.give_bytes(held, growth - grown);
  return done;
}

Outcome<std::uint64_t> OpenFile::seek(std::int64_t offset, Whence whence) const {
  if (position_) return seek_provided(offset, whence);
  static constexpr std::array kHost = {SEEK_SET, SEEK_CUR, SEEK_END};
  const auto at = ::lseek(descriptor_.get(), offset, kHost[static_cast<std::size_t>(whence)]);
  if (at < 0) return host_failure();
  return static_cast<std::uint64_t>(at);
}

Outcome<Filestat> OpenFile::stat() const {
  const auto file = stat_open(descriptor_.get());
  if (!file) return refuse(file.error());
  Filestat result = to_filestat(*file);
  if (scratch_ != nullptr) result.nlink = scratch_->links_of(*file);
  if (position_) {
    result.dev = 0;
    result.ino = provided_ino_;
  }
  return result;
}

Outcome<std::uint64_t> OpenFile::seek_provided(std::int64_t offset, Whence whence) const {
  const auto file = stat_open(descriptor_.get());
  if (!file) return refuse(file.error());
  std::int64_t base = 0;
  if (whence == Whence::current) base = static_cast<std::int64_t>(position_->load());
  if (whence == Whence::end) base = file->st_size;
  if (offset > std::numeric_limits<std::int64_t>::max() - base) return refuse(Errno::overflow);
  if (base + offset < 0) return refuse(Errno::inval);
  position_->store(static_cast<std::uint64_t>(base + offset));
  return position_->load();
}

Outcome<void> OpenFile::set_times(const Times& times) {
  if (access_ == Access::read_only) return refuse(Errno::rofs);
  if (::futimens(descriptor_.get(), to_timespecs(times).data()) != 0) return host_failure();
  return {};
}

Outcome<void> OpenFile::truncate(std::uint64_t size) {
  if (size > kMaxOffset) return refuse(Errno::inval);
  if (position_) return refuse(Errno::inval);
  if (scratch_ != nullptr) return truncate_counted(size);
  if (::ftruncate(descriptor_.get(), static_cast<std::int64_t>(size)) != 0) return host_failure();
  return {};
}

Outcome<void> OpenFile::truncate_counted(std::uint64_t size) {
  const Quota::Lock held = scratch_->quota().lock();
  const auto file = stat_open(descriptor_.get());
  if (!file) return refuse(file.error());
  const std::uint64_t before = size_of(*file);
  const std::uint64_t growth = size > before ? size - before : 0;
  if (auto taken = scratch_->take(held, growth, 0); !taken) return taken;
  if (::ftruncate(descriptor_.get(), static_cast<std::int64_t>(size)) != 0) {
    const auto failure = host_failure();
    scratch_->give(held, growth, 0);
    return failure;
  }
  if (size < before) scratch_->give(held, before - size, 0);
  return {};
}

Outcome<void> OpenFile::allocate(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return refuse(Errno::inval);
  if (!is_range(offset, length)) return refuse(Errno::fbig);
  if (position_) return refuse(Errno::badf);
  if (scratch_ != nullptr) {
    // The quota is the reservation; filling pages with zeros would only take time.
    const auto file = stat_open(descriptor_.get());
    if (!file) return refuse(file.error());
    if (size_of(*file) >= offset + length) return {};
    return truncate_counted(offset + length);
  }
  if (::fallocate(descriptor_.get(), 0, static_cast<std::int64_t>(offset),
                  static_cast<std::int64_t>(length)) != 0) {
    return host_failure();
  }
  return {};
}

Outcome<void> OpenFile::sync(SyncWhat what) const {
  const int failed =
      what == SyncWhat::data ? ::fdatasync(descriptor_.get()) : ::fsync(descriptor_.get());
  if (failed != 0) return host_failure();
  return {};
}

Outcome<void> OpenFile::advise(std::uint64_t offset, std::uint64_t length, Advice advice) const {
  if (!is_range(offset, length)) return refuse(Errno::inval);
  const int why = ::posix_fadvise(descriptor_.get(), static_cast<std::int64_t>(offset),
                                  static_cast<std::int64_t>(length), host_advice(advice));
  if (why != 0) return refuse(from_host(why));
  return {};
}

}  // namespace brink::wasi::files
