#include "node/identity.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace brink::node {
namespace {

/// The owner of a directory. One other than root whose directory is of group 0 gets
/// a group of its own: that one would be a part of root's rights kept.
Result<sandbox::Identity> owner_of(const struct stat& directory) {
  if (directory.st_uid == 0 || directory.st_gid != 0) {
    return sandbox::Identity{directory.st_uid, directory.st_gid};
  }
  TRY(const sandbox::Identity nobody, sandbox::find_identity("nobody"));
  const passwd* entry = ::getpwuid(directory.st_uid);
  const bool has_group = entry != nullptr && entry->pw_gid != 0;
  return sandbox::Identity{directory.st_uid, has_group ? entry->pw_gid : nobody.gid};
}

/// The first directory that nobody cannot use as the program may.
bool find_private(const package::AppSpec& spec, struct stat& status) {
  constexpr mode_t kForAll = S_IROTH | S_IXOTH;
  for (const package::Directory& directory : spec.directories) {
    if (::stat(directory.host.c_str(), &status) != 0) continue;
    if (directory.access == package::Access::read_write) return true;
    if ((status.st_mode & kForAll) != kForAll) return true;
  }
  return false;
}

}  // namespace

Result<sandbox::Identity> choose_identity(const package::AppSpec& spec) {
  if (::geteuid() != 0) return sandbox::Identity{};
  struct stat status{};
  return find_private(spec, status) ? owner_of(status) : sandbox::find_identity("nobody");
}

}  // namespace brink::node
