#pragma once

#include <cstdint>

#include "wasi/files/types.h"

namespace brink::wasi {

/// Structures and numbers of the preview1 witx, in the layout guests see
/// (little-endian, as the host; the static_asserts pin the offsets' sum).

using files::FileType;

namespace fdflag {
inline constexpr std::uint16_t append = 1;
inline constexpr std::uint16_t dsync = 2;
inline constexpr std::uint16_t nonblock = 4;
inline constexpr std::uint16_t rsync = 8;
inline constexpr std::uint16_t sync = 16;
inline constexpr std::uint16_t all = 31;
}  // namespace fdflag

/// WASIX's second set of descriptor flags.
namespace fdflag_ext {
inline constexpr std::uint16_t cloexec = 1;
inline constexpr std::uint16_t all = 1;
}  // namespace fdflag_ext

namespace oflag {
inline constexpr std::uint16_t creat = 1;
inline constexpr std::uint16_t directory = 2;
inline constexpr std::uint16_t excl = 4;
inline constexpr std::uint16_t trunc = 8;
inline constexpr std::uint16_t all = 15;
}  // namespace oflag

namespace fstflag {
inline constexpr std::uint16_t atim = 1;
inline constexpr std::uint16_t atim_now = 2;
inline constexpr std::uint16_t mtim = 4;
inline constexpr std::uint16_t mtim_now = 8;
inline constexpr std::uint16_t all = 15;
}  // namespace fstflag

inline constexpr std::uint32_t kLookupFollow = 1;

struct GuestIovec {
  std::uint32_t address;
  std::uint32_t length;
};
static_assert(sizeof(GuestIovec) == 8);

struct GuestPrestat {
  std::uint32_t tag;  ///< 0: a directory
  std::uint32_t name_length;
};
static_assert(sizeof(GuestPrestat) == 8);

struct GuestFdstat {
  FileType type;
  std::uint8_t pad0;
  std::uint16_t flags;
  std::uint32_t pad1;
  std::uint64_t rights_base;
  std::uint64_t rights_inheriting;
};
static_assert(sizeof(GuestFdstat) == 24);

struct GuestFilestat {
  std::uint64_t device;
  std::uint64_t inode;
  FileType type;
  std::uint8_t pad[7];
  std::uint64_t links;
  std::uint64_t size;
  std::uint64_t accessed;  ///< nanoseconds since the epoch, as the next two
  std::uint64_t modified;
  std::uint64_t changed;
};
static_assert(sizeof(GuestFilestat) == 64);

struct GuestDirent {
  std::uint64_t next;
  std::uint64_t inode;
  std::uint32_t name_length;
  FileType type;
  std::uint8_t pad[3];
};
static_assert(sizeof(GuestDirent) == 24);

enum class EventType : std::uint8_t { clock = 0, fd_read = 1, fd_write = 2 };

struct GuestSubscription {
  std::uint64_t userdata;
  std::uint8_t tag;  ///< EventType
  std::uint8_t pad0[7];
  /// The clock's number, or the descriptor's.
  std::uint32_t id_or_fd;
  std::uint32_t pad1;
  std::uint64_t timeout;
  std::uint64_t precision;
  std::uint16_t flags;  ///< 1: the time-out is absolute
  std::uint8_t pad2[6];
};
static_assert(sizeof(GuestSubscription) == 48);

struct GuestEvent {
  std::uint64_t userdata;
  std::uint16_t error;  ///< Errno
  std::uint8_t type;    ///< EventType
  std::uint8_t pad0[5];
  std::uint64_t nbytes;
  std::uint16_t flags;  ///< 1: hung up
  std::uint8_t pad1[6];
};
static_assert(sizeof(GuestEvent) == 32);

}  // namespace brink::wasi
