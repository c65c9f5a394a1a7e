#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "wasi/errno.h"

namespace brink::wasi::files {

/// WASI preview1 `filetype`. FIFOs have none of their own: unknown.
enum class FileType : std::uint8_t {
  unknown = 0,
  block_device = 1,
  character_device = 2,
  directory = 3,
  regular_file = 4,
  socket_datagram = 5,
  socket_stream = 6,
  symbolic_link = 7,
  socket_seqpacket = 9,  ///< WASIX; 8 is for raw sockets, which there are none of
};

/// The type bits of a host `st_mode`.
FileType file_type(mode_t mode) noexcept;

/// WASI preview1 `filestat`; times in nanoseconds since the Unix epoch.
struct Filestat {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  FileType type = FileType::unknown;
  std::uint64_t nlink = 1;
  std::uint64_t size = 0;
  std::uint64_t atim = 0;
  std::uint64_t mtim = 0;
  std::uint64_t ctim = 0;
};

Filestat to_filestat(const struct stat& host) noexcept;

/// Whether a symbolic link as the last component is followed.
enum class Follow : std::uint8_t { no, yes };

/// How paths are bounded. Absolute links mean the guest's root in both senses:
/// `capability` refuses them, `rooted` starts again there.
enum class PathRules : std::uint8_t {
  /// WASI preview1: the directory that a path is relative to is its sandbox;
  /// `..` above it, absolute paths and absolute links are EPERM; names are UTF-8.
  capability,
  /// WASIX, POSIX: the guest's root is the sandbox; absolute paths start there
  /// and `..` at the root stays there, as in a chroot; names are bytes.
  rooted,
};

/// What becomes of one time stamp.
struct TimeChange {
  enum class Kind : std::uint8_t { keep, now, set };
  Kind kind = Kind::keep;
  std::uint64_t nanoseconds = 0;  ///< since the Unix epoch, for `set`
};

struct Times {
  TimeChange access;
  TimeChange modification;
};

/// How to open a path. Whatever it is, opening never waits.
struct OpenOptions {
  bool read = false;
  bool write = false;
  bool create = false;     ///< a missing regular file comes into being
  bool exclusive = false;  ///< with create: EEXIST when there is anything, links included
  bool truncate = false;
  bool directory = false;  ///< ENOTDIR for anything else; write is then ignored
  bool append = false;
  bool dsync = false;
  bool sync = false;
  Follow follow = Follow::yes;
};

/// One name in a directory.
struct DirectoryEntry {
  std::uint64_t next = 0;  ///< cookie of the entry after this one
  std::uint64_t ino = 0;
  FileType type = FileType::unknown;
  std::string_view name;  ///< valid during the call of take() only
};

/// Receives the entries of a directory, in order.
class DirectorySink {
 public:
  virtual ~DirectorySink() = default;
  enum class Answer : std::uint8_t { more, stop };
  virtual Answer take(const DirectoryEntry& entry) = 0;
};

}  // namespace brink::wasi::files
