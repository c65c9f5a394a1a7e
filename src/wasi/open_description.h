#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/units.h"
#include "wasi/errno.h"
#include "wasi/portable.h"
#include "wasi/stream.h"
#include "wasi/types.h"
#include "wasm/wait_set.h"

namespace brink::wasi {

namespace files {
class Directory;
}  // namespace files
class EpollSet;
class Socket;

/// What one or several of a guest's descriptors refer to: a stream, a file, a
/// directory, a device, a socket. As in POSIX it owns what duplicates share, the
/// offset and the status flags; rights belong to the single descriptor.
///
/// Every operation is an attempt: it never blocks, and says Errno::again where
/// it would have to. Disks count as fast, except for reading what is not in memory
/// and for sync(): see stopped_for_disk(). What a kind cannot do answers with the error number that
/// POSIX gives for it; the defaults here are those of a descriptor that only
/// reads and writes a stream of bytes. Used by one thread at a time.
class OpenDescription {
 public:
  enum class Whence : std::uint8_t { set = 0, current = 1, end = 2 };
  enum class Direction : std::uint8_t { read, write };
  enum class SyncKind : std::uint8_t { data, all };

  struct Times {
    std::uint64_t accessed;  ///< nanoseconds since the epoch
    std::uint64_t modified;
    std::uint16_t which;  ///< fstflag bits, checked by the caller
  };

  virtual ~OpenDescription() = default;

  [[nodiscard]] virtual FileType type() const noexcept = 0;

  /// fdflag bits.
  [[nodiscard]] virtual std::uint16_t flags() const noexcept = 0;
  virtual Outcome<void> set_flags(std::uint16_t flags) noexcept = 0;

  /// As InputStream::try_read and OutputStream::try_write; `buffers` hold at
  /// least one byte.
  virtual Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept;
  virtual Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept;
  virtual Outcome<std::uint64_t> read_at(std::span<const MutableBytes> buffers,
                                         std::uint64_t offset) noexcept;
  virtual Outcome<std::uint64_t> write_at(std::span<const ConstBytes> buffers,
                                          std::uint64_t offset) noexcept;

  /// The new offset from the start.
  virtual Outcome<std::uint64_t> seek(std::int64_t delta, Whence whence) noexcept;

  /// For poll_oneoff. Files and devices are always ready.
  virtual Outcome<Readiness> readiness(Direction direction) noexcept = 0;
  /// Adds what ends a state in which readiness() was "blocked".
  virtual void add_wait(Direction direction, wasm::WaitSet& wait) noexcept = 0;

  /// How long a read or a write waits before it says Errno::again; none: for ever.
  [[nodiscard]] virtual std::optional<Duration> patience(Direction) const noexcept {
    return std::nullopt;
  }
  /// Whether the last read or sync ended (short, or with Errno::again) because of a
  /// disk. Such calls wait and go on whatever the flags say, as in POSIX; add_wait()
  /// says for what.
  [[nodiscard]] virtual bool stopped_for_disk() const noexcept { return false; }

  virtual Outcome<GuestFilestat> stat() noexcept;
  virtual Outcome<void> set_size(std::uint64_t size) noexcept;
  virtual Outcome<void> set_times(const Times& times) noexcept;
  virtual Outcome<void> allocate(std::uint64_t offset, std::uint64_t length) noexcept;
  virtual Outcome<void> advise(std::uint64_t offset, std::uint64_t length,
                               std::uint8_t advice) noexcept;
  virtual Outcome<void> sync(SyncKind kind) noexcept;

  /// What poll(2) and epoll(7) can be asked about for both directions, and what
  /// sendfile(2) takes; below 0 when there is none: readiness() then says it all.
  /// Stays the same as long as the description lives.
  [[nodiscard]] virtual int kernel_descriptor() const noexcept { return -1; }
  /// How often a read or write found that it had to wait: tells a new edge from an
  /// old state, for descriptions without a kernel descriptor.
  [[nodiscard]] virtual std::uint64_t times_blocked() const noexcept { return 0; }
  /// The guest waits for readiness by poll_oneoff or has put this into an epoll set.
  virtual void watched() noexcept {}

  /// How another process gets this description; none: it does not.
  [[nodiscard]] virtual std::optional<PortableDescription> portable() const { return std::nullopt; }
  /// In a forked child, before it goes on: makes anew what must not be shared.
  virtual void after_fork_in_child() noexcept {}

  /// This description as a directory, a socket or an epoll set; null when it is none.
  virtual files::Directory* directory() noexcept { return nullptr; }
  virtual Socket* socket() noexcept { return nullptr; }
  virtual EpollSet* epoll_set() noexcept { return nullptr; }
};

}  // namespace brink::wasi
