#pragma once

#include <cstddef>
#include <cstdint>

#include "wasi/types.h"

namespace brink::wasi {

/// Structures of wasi_unstable (the witx "wasi_unstable_preview0" of 2019) that
/// differ from preview1's. Its events have the same layout.

struct UnstableFilestat {
  std::uint64_t device;
  std::uint64_t inode;
  FileType type;
  std::uint8_t pad[3];
  std::uint32_t links;
  std::uint64_t size;
  std::uint64_t accessed;  ///< nanoseconds since the epoch, as the next two
  std::uint64_t modified;
  std::uint64_t changed;
};
static_assert(sizeof(UnstableFilestat) == 56);
static_assert(offsetof(UnstableFilestat, links) == 20);
static_assert(offsetof(UnstableFilestat, changed) == 48);

struct UnstableSubscription {
  std::uint64_t userdata;
  std::uint8_t tag;  ///< EventType
  std::uint8_t pad0[7];
  union {
    std::uint32_t fd;
    std::uint64_t identifier;  ///< of a clock's subscription; tells nothing
  };
  std::uint32_t clock;
  std::uint32_t pad1;
  std::uint64_t timeout;
  std::uint64_t precision;
  std::uint16_t flags;  ///< 1: the time-out is absolute
  std::uint8_t pad2[6];
};
static_assert(sizeof(UnstableSubscription) == 56);
static_assert(offsetof(UnstableSubscription, fd) == 16);
static_assert(offsetof(UnstableSubscription, clock) == 24);
static_assert(offsetof(UnstableSubscription, timeout) == 32);
static_assert(offsetof(UnstableSubscription, flags) == 48);

}  // namespace brink::wasi
