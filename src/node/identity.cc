#include "node/identity.h"

#include <sys/stat.h>
#include <unistd.h>

namespace brink::node {

Result<sandbox::Identity> choose_identity(const package::AppSpec& spec) {
  if (::geteuid() != 0) return sandbox::Identity{};
  for (const package::Directory& directory : spec.directories) {
    if (directory.access != package::Access::read_write) continue;
    struct stat status{};
    if (::stat(directory.host.c_str(), &status) != 0) continue;
    return sandbox::Identity{status.st_uid, status.st_gid};
  }
  return sandbox::find_identity("nobody");
}

}  // namespace brink::node
