// Names of AF_UNIX sockets.

#include <fcntl.h>
#include <sys/stat.h>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {

Outcome<void> FileSpace::make_socket(const Directory& at, std::string_view path,
                                     const NameMaker& make) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  if (walk.must_be_directory() && !walk.name().empty()) return refuse(Errno::notdir);
  return make_name(walk, 0, make);
}

Outcome<FileSpace::SocketPlace> FileSpace::find_socket(const Directory& at, std::string_view path) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return refuse(there.error());
  const auto entry = examine(walk, Follow::yes);
  if (!entry) return refuse(entry.error());
  if (entry->place == Entry::Place::tree || !S_ISSOCK(entry->host.st_mode)) {
    return refuse(Errno::notsock);
  }
  UniqueFd directory(::openat(walk.holder(*entry), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return host_failure();
  return SocketPlace{std::move(directory), walk.name()};
}

}  // namespace brink::wasi::files
