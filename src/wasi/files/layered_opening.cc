// Opening where the scratch directory comes before a package or the tree.

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "wasi/files/copy_up.h"
#include "wasi/files/host_call.h"
#include "wasi/files/opening.h"
#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

constexpr mode_t kFileMode = 0666;  // less the umask

}  // namespace

Outcome<Opened> Opening::open_layered() {
  // As the kernel, before it looks: a directory is not created by opening.
  if (options_.create && walk_.must_be_directory()) return refuse(Errno::isdir);
  const auto entry = walk_.look();
  if (!entry) return refuse(entry.error());
  if (entry->place == Entry::Place::none) {
    if (!options_.create) return refuse(Errno::noent);
    return create();
  }
  if (entry->is_link()) return refuse(Errno::loop);
  if (options_.create && options_.exclusive) return refuse(Errno::exist);
  if (entry->is_directory()) {
    if (options_.create || (changes() && !options_.directory)) return refuse(Errno::isdir);
    return open_directory(*entry);
  }
  if (options_.directory || walk_.must_be_directory()) return refuse(Errno::notdir);
  if (!entry->is_file()) return refuse(Errno::nxio);
  return changes() ? open_changed() : open_unchanged(*entry);
}

Outcome<Opened> Opening::open_directory(const Entry& entry) {
  Directory::Descriptors descriptors;
  const char* name = walk_.name().c_str();
  constexpr int kFlags = O_RDONLY | O_DIRECTORY;
  if (entry.place == Entry::Place::upper) {
    descriptors.upper = open_beneath(walk_.upper(), name, kFlags);
    if (!descriptors.upper) return host_failure();
  }
  if (entry.place == Entry::Place::lower || entry.is_merged) {
    descriptors.lower = open_beneath(walk_.lower(), name, kFlags);
    if (!descriptors.lower) return host_failure();
  }
  std::string path = walk_.path();
  append_path(path, walk_.name());
  if (path.size() > kMaxPath) return refuse(Errno::nametoolong);
  return Directory(std::move(path), nullptr, walk_.region(), std::move(descriptors));
}

Outcome<Opened> Opening::open_unchanged(const Entry& entry) {
  if (entry.place == Entry::Place::provided) {
    const Node& node = *walk_.named_node();
    UniqueFd content(::fcntl(node.content.get(), F_DUPFD_CLOEXEC, 0));
    if (!content) return host_failure();
    return OpenFile(std::move(content), node.ino);
  }
  if (entry.place == Entry::Place::upper) {
    return open_upper(space_.scratch_now()->quota().lock(), host_flags());
  }
  UniqueFd file = open_beneath(walk_.lower(), walk_.name().c_str(), O_RDONLY);
  if (!file) return host_failure();
  return finish_file(std::move(file), nullptr, Access::read_only);
}

/// With the quota locked nobody else makes or removes names, so looking again
/// tells what will be changed.
Outcome<Opened> Opening::open_changed() {
  const auto held = walk_.begin_change();
  if (!held) return refuse(held.error());
  const auto entry = walk_.look();
  if (!entry) return refuse(entry.error());
  if (!entry->is_file()) return refuse(Errno::again);
  const bool is_lower = entry->place != Entry::Place::upper;
  if (is_lower && options_.truncate) {
    // None of it will be left: an empty file takes its place.
    const auto directory = walk_.for_creation(*held);
    if (!directory) return refuse(directory.error());
    CopyUp(space_, *held).forget(walk_);
    if (auto taken = space_.scratch_now()->take(*held, 0, 1); !taken) {
      return refuse(taken.error());
    }
    auto made = open_upper(*held, host_flags() | O_CREAT | O_EXCL);
    if (!made) space_.scratch_now()->give(*held, 0, 1);
    return made;
  }
  if (is_lower) {
    const auto brought = CopyUp(space_, *held).bring(walk_, CopyUp::What::anything);
    is_copying_ = !brought && brought.error() == Errno::again;
    if (!brought) return refuse(brought.error());
  }
  return open_upper(*held, host_flags());
}

Outcome<Opened> Opening::create() {
  const auto held = walk_.begin_change();
  if (!held) return refuse(held.error());
  const auto entry = walk_.look();
  if (!entry) return refuse(entry.error());
  if (entry->place != Entry::Place::none) return refuse(Errno::again);
  const auto directory = walk_.for_creation(*held);
  if (!directory) return refuse(directory.error());
  if (auto taken = space_.scratch_now()->take(*held, 0, 1); !taken) return refuse(taken.error());
  auto made = open_upper(*held, host_flags() | O_CREAT | O_EXCL);
  if (!made) space_.scratch_now()->give(*held, 0, 1);
  return made;
}

Outcome<Opened> Opening::open_upper(const Quota::Lock& held, int flags) {
  Scratch& scratch = *space_.scratch_now();
  const mode_t mode = (flags & O_CREAT) != 0 ? kFileMode : 0;
  UniqueFd file = open_beneath(walk_.upper(), walk_.name().c_str(), flags, mode);
  if (!file) return host_failure();
  const auto host = stat_open(file.get());
  if (!host) return refuse(host.error());
  if (!S_ISREG(host->st_mode)) return refuse(Errno::again);  // not what it was
  if (options_.truncate && host->st_size > 0) {
    if (::ftruncate(file.get(), 0) != 0) return host_failure();
    scratch.give(held, static_cast<std::uint64_t>(host->st_size), 0);
  }
  scratch.opened(held, file.get());
  return finish_file(std::move(file), &scratch, Access::read_write);
}

}  // namespace brink::wasi::files
