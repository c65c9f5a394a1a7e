#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/units.h"
#include "wasi/errno.h"

namespace brink::wasi::files {

/// What one instance may keep in its scratch directory at a time.
struct QuotaLimits {
  ByteSize bytes = 64_MiB;      ///< sum of the files' lengths, holes included
  std::uint64_t inodes = 4096;  ///< files, directories and links
};

/// Counts what a scratch directory holds: the lengths of all files that still
/// have a name or an open handle. Whoever changes the directory holds the lock
/// from looking to the end of the change, so the counts are exact as long as the
/// process is the only one that writes there: a forked child counts on its own.
/// Thread-safe.
class Quota {
 public:
  explicit Quota(QuotaLimits limits) : limits_(limits) {}

  /// Proof that the quota is locked.
  using Lock = std::unique_lock<std::mutex>;
  [[nodiscard]] Lock lock() { return Lock(mutex_); }

  /// ENOSPC when it does not fit.
  Outcome<void> take_bytes(const Lock& held, std::uint64_t count);
  Outcome<void> take_inode(const Lock& held);
  void give_bytes(const Lock& held, std::uint64_t count);
  void give_inode(const Lock& held);
  /// How much a file may still grow.
  [[nodiscard]] std::uint64_t free_bytes(const Lock& held) const;

  void opened(const Lock& held, ino_t inode);
  /// The handle of `descriptor` is about to close: gives back a file without a name.
  void closing(const Lock& held, int descriptor);
  /// A name of `file` (as it was before) has just been removed.
  void unlinked(const Lock& held, const struct stat& file);

  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::uint64_t inodes() const;

 private:
  QuotaLimits limits_;
  mutable std::mutex mutex_;
  std::uint64_t bytes_ = 0;
  std::uint64_t inodes_ = 0;
  std::unordered_map<ino_t, std::uint32_t> handles_;  ///< bounded by open descriptors
};

}  // namespace brink::wasi::files
