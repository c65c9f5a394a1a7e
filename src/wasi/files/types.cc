#include "wasi/files/types.h"

namespace brink::wasi::files {
namespace {

std::uint64_t nanoseconds(const timespec& time) {
  // A time before 1970 has no number in the guest's format.
  if (time.tv_sec < 0) return 0;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

FileType file_type(mode_t mode) noexcept {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileType::regular_file;
    case S_IFDIR:
      return FileType::directory;
    case S_IFLNK:
      return FileType::symbolic_link;
    case S_IFCHR:
      return FileType::character_device;
    case S_IFBLK:
      return FileType::block_device;
    case S_IFSOCK:
      return FileType::socket_stream;
    default:
      return FileType::unknown;
  }
}

Filestat to_filestat(const struct stat& host) noexcept {
  return {.dev = host.st_dev,
          .ino = host.st_ino,
          .type = file_type(host.st_mode),
          .nlink = host.st_nlink,
          .size = static_cast<std::uint64_t>(host.st_size),
          .atim = nanoseconds(host.st_atim),
          .mtim = nanoseconds(host.st_mtim),
          .ctim = nanoseconds(host.st_ctim)};
}

}  // namespace brink::wasi::files
