#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace brink::sandbox {

/// Whom a process runs as.
struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  bool operator==(const Identity&) const = default;
};

/// The account of that name. Fails (config_invalid) if there is none, or if it is root.
Result<Identity> find_identity(const std::string& user);

/// Gives up all that root has: when started as root, switches to `identity` for
/// good with no supplementary groups, and checks that there is no way back (user 0
/// stays the owner of root's files, and nothing more); as any other user, keeps the
/// user. In both cases empties all capability sets (the
/// bounding set where allowed), sets no_new_privs, and makes the process
/// non-dumpable: no core file, no ptrace, /proc/self owned by root.
Result<void> drop_privileges(const Identity& identity);

/// Raises the soft limit of open files to the hard one; returns the new one. (Soft
/// limits are low for the sake of select(), which brink does not use.)
Result<std::uint64_t> raise_open_files_limit();

/// Limits for a process whose work may be hostile. Unset: as inherited.
struct ResourceLimits {
  std::optional<ByteSize> address_space;         ///< not under AddressSanitizer: it maps terabytes
  std::optional<std::chrono::seconds> cpu_time;  ///< SIGKILL one second after SIGXCPU
  std::optional<ByteSize> file_size;
};

/// Sets them, soft and hard, and no core files in any case.
Result<void> apply_resource_limits(const ResourceLimits& limits);

}  // namespace brink::sandbox
