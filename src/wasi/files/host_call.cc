#include "wasi/files/host_call.h"

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

timespec to_timespec(const TimeChange& change) noexcept {
  switch (change.kind) {
    case TimeChange::Kind::keep:
      return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
    case TimeChange::Kind::now:
      return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
    case TimeChange::Kind::set:
      break;
  }
  return {.tv_sec = static_cast<time_t>(change.nanoseconds / 1'000'000'000U),
          .tv_nsec = static_cast<long>(change.nanoseconds % 1'000'000'000U)};
}

}  // namespace

UniqueFd open_beneath(int directory, const char* path, int flags, mode_t mode) noexcept {
  // O_PATH takes none of the flags that are about reading and writing.
  if ((flags & O_PATH) == 0) flags |= O_NONBLOCK | O_NOCTTY;
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how)));
}

Outcome<struct stat> stat_at(int directory, const char* name) noexcept {
  struct stat found{};
  if (::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) != 0) return host_failure();
  return found;
}

Outcome<struct stat> stat_open(int descriptor) noexcept {
  struct stat found{};
  if (::fstat(descriptor, &found) != 0) return host_failure();
  return found;
}

Outcome<std::string> read_link(int directory, const char* name) {
  std::array<char, kMaxPath + 1> text;
  const auto length = ::readlinkat(directory, name, text.data(), text.size());
  if (length < 0) return host_failure();
  if (static_cast<std::size_t>(length) > kMaxPath) return refuse(Errno::nametoolong);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::array<timespec, 2> to_timespecs(const Times& times) noexcept {
  return {to_timespec(times.access), to_timespec(times.modification)};
}

}  // namespace brink::wasi::files
