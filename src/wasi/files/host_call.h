#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <expected>
#include <string>

#include "base/unique_fd.h"
#include "wasi/files/types.h"

namespace brink::wasi::files {

/// The failure of the system call that just returned -1.
inline std::unexpected<Errno> host_failure() { return std::unexpected(from_host(errno)); }

inline std::unexpected<Errno> refuse(Errno why) { return std::unexpected(why); }

/// openat2(2) that cannot leave `directory` and meets no link: ELOOP for one,
/// EXDEV for what would leave. Never waits, never gives a controlling terminal.
/// Needs Linux 5.6. On failure the result is empty and errno is set.
UniqueFd open_beneath(int directory, const char* path, int flags, mode_t mode = 0) noexcept;

/// `name` itself, not what it may link to.
Outcome<struct stat> stat_at(int directory, const char* name) noexcept;
Outcome<struct stat> stat_open(int descriptor) noexcept;

/// The text of a link; EINVAL for what is none, ENAMETOOLONG above kMaxPath.
Outcome<std::string> read_link(int directory, const char* name);

/// What utimensat and futimens take.
std::array<timespec, 2> to_timespecs(const Times& times) noexcept;

}  // namespace brink::wasi::files
