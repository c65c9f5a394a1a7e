#pragma once

#include <cstddef>
#include <cstdint>

namespace brink::wasi {

/// Structures of WASIX's process calls, in the layout guests see.

/// option_pid and option_fd.
struct GuestOptionNumber {
  std::uint8_t tag;  ///< 1: there is one
  std::uint8_t pad[3];
  std::int32_t value;
};
static_assert(sizeof(GuestOptionNumber) == 8 && offsetof(GuestOptionNumber, value) == 4);

struct GuestJoinStatus {
  enum Tag : std::uint8_t { nothing = 0, exited = 1, signalled = 2 };
  std::uint8_t tag;
  std::uint8_t pad0;
  std::uint16_t code;  ///< exited: its exit code
  std::uint8_t signal;
  std::uint8_t pad1;
};
static_assert(sizeof(GuestJoinStatus) == 6 && offsetof(GuestJoinStatus, code) == 2 &&
              offsetof(GuestJoinStatus, signal) == 4);

struct GuestSpawnAction {
  enum Command : std::uint8_t { close = 0, dup2 = 1, open = 2, chdir = 3, fchdir = 4 };
  std::uint8_t command;
  std::uint8_t pad0[3];
  std::uint32_t fd;
  std::uint32_t source;
  std::uint32_t path;
  std::uint32_t path_length;
  std::uint32_t lookup_flags;
  std::uint16_t oflags;
  std::uint8_t pad1[6];
  std::uint64_t base;
  std::uint64_t inheriting;
  std::uint16_t fdflags;
  std::uint16_t fdflags_ext;
  std::uint8_t pad2[4];
};
static_assert(sizeof(GuestSpawnAction) == 56 && offsetof(GuestSpawnAction, oflags) == 24 &&
              offsetof(GuestSpawnAction, base) == 32 && offsetof(GuestSpawnAction, fdflags) == 48);

struct GuestSignalDisposition {
  std::uint8_t signal;
  std::uint8_t disposition;  ///< 1: ignored
};
static_assert(sizeof(GuestSignalDisposition) == 2);

/// What the oldest form of spawn answers with.
struct GuestProcessHandles {
  std::uint32_t pid;
  GuestOptionNumber in;
  GuestOptionNumber out;
  GuestOptionNumber err;
};
static_assert(sizeof(GuestProcessHandles) == 28);

}  // namespace brink::wasi
