#pragma once

#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/files/file_tree.h"
#include "wasi/files/scratch.h"
#include "wasi/files/types.h"

namespace brink::wasi::files {

/// The most one call reads or writes: a host call must not hold up its worker.
inline constexpr std::size_t kMaxTransfer = std::size_t{1} << 20;
/// The most pieces of memory one call uses; more makes the transfer short.
inline constexpr std::size_t kMaxPieces = 128;

enum class Whence : std::uint8_t { set, current, end };
enum class Advice : std::uint8_t { normal, sequential, random, willneed, dontneed, noreuse };
enum class Append : std::uint8_t { off, on };
enum class SyncWhat : std::uint8_t { data, all };
/// Whether a file counts in the quota of the scratch directory.
enum class Counted : std::uint8_t { no, yes };

/// An open regular file: one open file description of the host, and its share of
/// the scratch quota. It must not outlive the FileSpace that opened it. Reads
/// and writes are safe from several threads at once. Transfers may be short.
class OpenFile {
 public:
  /// `scratch` is null for files outside it; with one, `opened` has been called
  /// for the file. `access` is that of the place. The descriptor is without
  /// O_APPEND: appending is a property of each write here, so that pwrite can obey
  /// its offset.
  OpenFile(UniqueFd descriptor, Scratch* scratch, Access access, Append append) noexcept
      : descriptor_(std::move(descriptor)), scratch_(scratch), access_(access), append_(append) {}
  /// A provided file: read-only, with a position of its own, because all handles
  /// share the host's file description. `ino` is the tree's number for it.
  OpenFile(UniqueFd descriptor, std::uint64_t ino) noexcept
      : descriptor_(std::move(descriptor)),
        access_(Access::read_only),
        position_(std::make_unique<std::atomic<std::uint64_t>>(0)),
        provided_ino_(ino) {}
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept = default;
  OpenFile& operator=(OpenFile&& other) noexcept;

  /// For polling, sendfile (with an offset: the position may be elsewhere) and the
  /// like. Never write through it.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

  Outcome<std::size_t> read(std::span<const iovec> to) const;
  Outcome<std::size_t> pread(std::span<const iovec> to, std::uint64_t offset) const;
  /// What a read found in memory: at the file's position, which moves, or at `offset`.
  struct Cached {
    std::size_t bytes = 0;
    std::size_t missing = 0;  ///< bytes asked for that a disk has to bring first
  };
  /// As read() and pread(), without waiting for a disk. NOTSUP where the file system
  /// can't tell.
  Outcome<Cached> read_cached(std::span<const iovec> to, std::optional<std::uint64_t> offset) const;
  Outcome<std::size_t> write(std::span<const iovec> from);
  /// At `offset` even when the file was opened for appending.
  Outcome<std::size_t> pwrite(std::span<const iovec> from, std::uint64_t offset);

  /// The new position. EINVAL before the start of the file.
  Outcome<std::uint64_t> seek(std::int64_t offset, Whence whence) const;
  Outcome<Filestat> stat() const;
  Outcome<void> set_times(const Times& times);
  Outcome<void> truncate(std::uint64_t size);
  /// Makes the file at least offset + length long, as posix_fallocate; EINVAL for
  /// a length of 0.
  Outcome<void> allocate(std::uint64_t offset, std::uint64_t length);
  /// Waits for the disk: for an executor that may block.
  Outcome<void> sync(SyncWhat what) const;
  Outcome<void> advise(std::uint64_t offset, std::uint64_t length, Advice advice) const;
  void set_append(Append append) noexcept { append_ = append; }
  [[nodiscard]] Append append() const noexcept { return append_; }
  [[nodiscard]] Access access() const noexcept { return access_; }
  [[nodiscard]] Counted counted() const noexcept {
    return scratch_ != nullptr ? Counted::yes : Counted::no;
  }

 private:
  Outcome<std::size_t> transfer_out(std::span<const iovec> from, std::int64_t offset,
                                    Append append);
  Outcome<void> truncate_counted(std::uint64_t size);
  void close() noexcept;

  Outcome<std::uint64_t> seek_provided(std::int64_t offset, Whence whence) const;

  UniqueFd descriptor_;
  Scratch* scratch_ = nullptr;
  Access access_;
  Append append_ = Append::off;
  std::unique_ptr<std::atomic<std::uint64_t>> position_;  ///< of a provided file
  std::uint64_t provided_ino_ = 0;
};

}  // namespace brink::wasi::files
