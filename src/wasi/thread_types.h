#pragma once

#include <cstddef>
#include <cstdint>

/// Structures of WASIX's calls for threads and signals as they lie in guest memory;
/// libc's for wasm32 where the call takes one of those.
namespace brink::wasi {

/// option_timestamp: nanoseconds, or none.
struct GuestOptionTimestamp {
  std::uint8_t tag;  ///< 0 none, 1 some
  std::uint8_t padding[7];
  std::uint64_t nanoseconds;
};
static_assert(offsetof(GuestOptionTimestamp, nanoseconds) == 8);
static_assert(sizeof(GuestOptionTimestamp) == 16);

struct GuestSignalDisposition {
  std::uint8_t signal;
  std::uint8_t action;  ///< 0 default, 1 ignore
};
static_assert(sizeof(GuestSignalDisposition) == 2);

/// struct timeval. Its microseconds have 64 bits for some, of which the upper ones are
/// never used, and 32 and padding for others.
struct GuestTimeval {
  std::int64_t seconds;
  std::uint32_t microseconds;
  std::uint32_t padding;
};
static_assert(sizeof(GuestTimeval) == 16);

/// struct itimerval.
struct GuestItimerval {
  GuestTimeval interval;
  GuestTimeval value;
};
static_assert(offsetof(GuestItimerval, value) == 16);
static_assert(sizeof(GuestItimerval) == 32);

/// stack_snapshot: which stack was saved, and where its value goes when it is restored.
struct GuestStackSnapshot {
  std::uint64_t user;
  std::uint64_t hash_low;
  std::uint64_t hash_high;
};
static_assert(offsetof(GuestStackSnapshot, hash_low) == 8);
static_assert(sizeof(GuestStackSnapshot) == 24);

}  // namespace brink::wasi
