#include "wasi/files/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "wasi/files/host_call.h"

namespace brink::wasi::files {

Outcome<std::unique_ptr<Scratch>> Scratch::create(ScratchHome& home, QuotaLimits limits) {
  std::string name = home.next_name();
  if (::mkdirat(home.directory(), name.c_str(), 0700) != 0) return host_failure();
  UniqueFd directory(
      ::openat(home.directory(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return host_failure();
  return std::unique_ptr<Scratch>(new Scratch(home, std::move(name), std::move(directory), limits));
}

Scratch::Scratch(ScratchHome& home, std::string name, UniqueFd directory, QuotaLimits limits)
    : home_(home),
      name_(std::move(name)),
      directory_(std::move(directory)),
      owner_(::getpid()),
      quota_(limits) {}

Scratch::~Scratch() {
  if (::getpid() == owner_) home_.discard(name_);
}

}  // namespace brink::wasi::files
