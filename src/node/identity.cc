#include "node/identity.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace brink::node {
namespace {

/// A user other than root whose directory is of group 0: that group would be a part
/// of root's rights kept, and the owner does not need it.
Result<sandbox::Identity> without_roots_group(uid_t user) {
  TRY(const sandbox::Identity nobody, sandbox::find_identity("nobody"));
  const passwd* entry = ::getpwuid(user);
  const bool has_group = entry != nullptr && entry->pw_gid != 0;
  return sandbox::Identity{user, has_group ? entry->pw_gid : nobody.gid};
}

}  // namespace

Result<sandbox::Identity> choose_identity(const package::AppSpec& spec) {
  if (::geteuid() != 0) return sandbox::Identity{};
  for (const package::Directory& directory : spec.directories) {
    if (directory.access != package::Access::read_write) continue;
    struct stat status{};
    if (::stat(directory.host.c_str(), &status) != 0) continue;
    if (status.st_uid == 0 || status.st_gid != 0) {
      return sandbox::Identity{status.st_uid, status.st_gid};
    }
    return without_roots_group(status.st_uid);
  }
  return sandbox::find_identity("nobody");
}

}  // namespace brink::node
