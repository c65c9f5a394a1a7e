#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/units.h"
#include "wasi/errno.h"

namespace brink::wasi::files {

/// What one instance may keep in its scratch directory at a time.
struct QuotaLimits {
  ByteSize bytes = 64_MiB;      ///< sum of the files' lengths, holes included
  std::uint64_t inodes = 4096;  ///< files, directories, links, whiteout markers
};

/// A mutex that may lie in memory shared between processes. Who dies holding it
/// leaves it to the next one. Lockable, for std::unique_lock.
class ProcessMutex {
 public:
  ProcessMutex();
  ~ProcessMutex();
  ProcessMutex(const ProcessMutex&) = delete;
  ProcessMutex& operator=(const ProcessMutex&) = delete;
  // The names std::unique_lock asks for.
  void lock();
  void unlock();

 private:
  pthread_mutex_t mutex_;
};

/// What all users of one scratch directory have to agree on. For an instance of
/// several processes it lies in a page that they share (MAP_SHARED | MAP_ANONYMOUS,
/// constructed in place before the first fork); the counts change under the lock
/// only. A process that is killed halfway through a change leaves the counts too
/// high, never too low.
struct QuotaCounters {
  ProcessMutex mutex;
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> inodes{0};
  std::atomic<std::uint64_t> markers{0};  ///< whiteouts, see scratch.h
  std::atomic<std::uint64_t> orphans{0};  ///< files without a name that are still open
  std::atomic<std::uint64_t> copies{0};   ///< unfinished copies of lower files
};

/// Counts what a scratch directory holds: the lengths of all files that still
/// have a name or an open handle. Whoever changes the directory holds the lock
/// from looking to the end of the change, in every process, so the counts are
/// exact. Thread-safe.
class Quota {
 public:
  /// `counters` outlive this.
  Quota(QuotaLimits limits, QuotaCounters& counters) : limits_(limits), counters_(counters) {}

  /// Proof that the quota is locked.
  using Lock = std::unique_lock<ProcessMutex>;
  [[nodiscard]] Lock lock() { return Lock(counters_.mutex); }

  /// ENOSPC when it does not fit.
  Outcome<void> take_bytes(const Lock& held, std::uint64_t count);
  Outcome<void> take_inode(const Lock& held);
  void give_bytes(const Lock& held, std::uint64_t count);
  void give_inode(const Lock& held);
  /// How much a file may still grow.
  [[nodiscard]] std::uint64_t free_bytes(const Lock& held) const;

  [[nodiscard]] std::uint64_t bytes() const { return counters_.bytes.load(); }
  [[nodiscard]] std::uint64_t inodes() const { return counters_.inodes.load(); }
  [[nodiscard]] QuotaCounters& counters() const { return counters_; }

 private:
  QuotaLimits limits_;
  QuotaCounters& counters_;
};

}  // namespace brink::wasi::files
