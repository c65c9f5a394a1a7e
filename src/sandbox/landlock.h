#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace brink::sandbox {

enum class FileAccess : std::uint8_t {
  read,   ///< open for reading, list
  write,  ///< as read, and create, write, truncate, rename, link, remove below it
};

/// What may be used below (or in) one opened directory or file. The rule holds the
/// inode: renaming the directory changes nothing, replacing it ends the access.
struct FileRule {
  int fd = -1;  ///< any descriptor, O_PATH too; not owned, may be closed afterwards
  FileAccess access = FileAccess::read;
};

enum class TcpAccess : std::uint8_t { refused, connect_only, unrestricted };

struct LandlockOptions {
  std::vector<FileRule> files;  ///< everything else is refused
  TcpAccess tcp = TcpAccess::refused;
};

/// Which restrictions the kernel put in force. What it does not know is left out
/// and named here: never a silent failure, never a reason not to start.
struct LandlockReport {
  int abi = 0;  ///< 0: no Landlock in this kernel
  bool files = false;
  bool tcp = false;     ///< ABI 4: bind and connect
  bool ioctl = false;   ///< ABI 5: ioctl on devices
  bool scoped = false;  ///< ABI 6: signals and abstract sockets stay in the domain
  std::vector<std::string> missing;

  /// "landlock abi 3: files; missing: tcp bind and connect (kernel 6.7) …".
  [[nodiscard]] std::string text() const;
};

/// The kernel's Landlock ABI, 0 if it has none or it is switched off.
int landlock_abi() noexcept;

/// Restricts the calling thread and its children, for good. Sets no_new_privs.
/// Descriptors that are already open keep their rights. Fails only if the kernel
/// has Landlock and refuses our rules.
Result<LandlockReport> apply_landlock(const LandlockOptions& options);

/// The same as if the kernel's ABI were `abi` (lower than the real one): what older
/// kernels do, for tests.
Result<LandlockReport> apply_landlock(const LandlockOptions& options, int abi);

}  // namespace brink::sandbox
