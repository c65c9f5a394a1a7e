#include "wasi/files/quota.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "wasi/files/host_call.h"

namespace brink::wasi::files {

ProcessMutex::ProcessMutex() {
  pthread_mutexattr_t kind;
  BRINK_CHECK(::pthread_mutexattr_init(&kind) == 0);
  BRINK_CHECK(::pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) == 0);
  BRINK_CHECK(::pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST) == 0);
  BRINK_CHECK(::pthread_mutex_init(&mutex_, &kind) == 0);
  ::pthread_mutexattr_destroy(&kind);
}

ProcessMutex::~ProcessMutex() { ::pthread_mutex_destroy(&mutex_); }

void ProcessMutex::lock() {
  const int why = ::pthread_mutex_lock(&mutex_);
  // The counts that a killed owner leaves are too high at most: good enough.
  if (why == EOWNERDEAD) {
    BRINK_CHECK(::pthread_mutex_consistent(&mutex_) == 0);
    return;
  }
  BRINK_CHECK(why == 0);
}

void ProcessMutex::unlock() { BRINK_CHECK(::pthread_mutex_unlock(&mutex_) == 0); }

Outcome<void> Quota::take_bytes(const Lock& held, std::uint64_t count) {
  if (count > free_bytes(held)) return refuse(Errno::nospc);
  counters_.bytes += count;
  return {};
}

Outcome<void> Quota::take_inode(const Lock& held) {
  BRINK_CHECK(held.owns_lock());
  if (inodes() >= limits_.inodes) return refuse(Errno::nospc);
  ++counters_.inodes;
  return {};
}

void Quota::give_bytes(const Lock& held, std::uint64_t count) {
  BRINK_CHECK(held.owns_lock());
  // An operator who edits a scratch file on the host must not end the process.
  counters_.bytes -= std::min(count, bytes());
}

void Quota::give_inode(const Lock& held) {
  BRINK_CHECK(held.owns_lock());
  counters_.inodes -= std::min<std::uint64_t>(1, inodes());
}

std::uint64_t Quota::free_bytes(const Lock& held) const {
  BRINK_CHECK(held.owns_lock());
  const std::uint64_t used = std::min(bytes(), limits_.bytes.bytes());
  return limits_.bytes.bytes() - used;
}

}  // namespace brink::wasi::files
