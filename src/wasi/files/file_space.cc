#include "wasi/files/file_space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "wasi/files/host_call.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {

Directory FileSpace::preopen(std::size_t index) const {
  BRINK_CHECK(index < tree_.preopens().size());
  const Node* node = tree_.preopens()[index].node;
  return {node->path(), node, node->layer, UniqueFd()};
}

const Scratch* FileSpace::scratch() const noexcept {
  const std::lock_guard held(mutex_);
  return scratch_.get();
}

int FileSpace::root_of(const Layer& layer) const noexcept {
  if (layer.origin != Origin::scratch) return layer.root.get();
  const Scratch* scratch_or_none = scratch();
  return scratch_or_none != nullptr ? scratch_or_none->directory() : -1;
}

int FileSpace::descriptor_of(const Directory& directory) const noexcept {
  if (directory.descriptor_) return directory.descriptor_.get();
  return directory.layer_ != nullptr ? root_of(*directory.layer_) : -1;
}

Quota* FileSpace::quota_of(const Layer* layer) noexcept {
  if (layer == nullptr || layer->origin != Origin::scratch) return nullptr;
  const std::lock_guard held(mutex_);
  return scratch_ != nullptr ? &scratch_->quota() : nullptr;
}

Outcome<int> FileSpace::make_scratch() {
  const std::lock_guard held(mutex_);
  if (scratch_ == nullptr) {
    if (home_ == nullptr) return refuse(Errno::rofs);
    auto made = Scratch::create(*home_, limits_);
    if (!made) return refuse(made.error());
    scratch_ = std::move(*made);
  }
  return scratch_->directory();
}

/// A name of the tree is the same file for the guest whatever the layers below
/// have there, so only a mount point shows its host's numbers.
Filestat FileSpace::stat_of(const Node& node) const {
  const int root = node.layer != nullptr ? root_of(*node.layer) : -1;
  Filestat result{.type = FileType::directory};
  if (root >= 0) {
    if (const auto host = stat_open(root)) result = to_filestat(*host);
  }
  if (node.is_device) result.type = FileType::character_device;
  if (node.layer == nullptr || node.layer->origin == Origin::scratch) {
    result.dev = 0;
    result.ino = node.ino;
  }
  return result;
}

Outcome<Filestat> FileSpace::examine(Walk& walk, Follow follow) const {
  for (;;) {
    if (const Node* node = walk.named_node(); node != nullptr) {
      if (node->is_device && walk.must_be_directory()) return refuse(Errno::notdir);
      return stat_of(*node);
    }
    if (walk.descriptor() < 0) return refuse(Errno::noent);
    const auto host = walk.name().empty() ? stat_open(walk.descriptor())
                                          : stat_at(walk.descriptor(), walk.name().c_str());
    if (!host) return refuse(host.error());
    if (S_ISLNK(host->st_mode) && (follow == Follow::yes || walk.must_be_directory())) {
      if (auto followed = walk.follow_last(); !followed) return refuse(followed.error());
      continue;
    }
    if (walk.must_be_directory() && !S_ISDIR(host->st_mode)) return refuse(Errno::notdir);
    return to_filestat(*host);
  }
}

Outcome<void> FileSpace::walk_to_parent(Walk& walk, std::string_view path) {
  if (auto begun = walk.begin(path); !begun) return begun;
  return walk.to_parent();
}

Outcome<Filestat> FileSpace::stat(const Directory& at, std::string_view path, Follow follow) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return refuse(there.error());
  return examine(walk, follow);
}

Outcome<Filestat> FileSpace::stat(const Directory& directory) {
  if (directory.node_ != nullptr) return stat_of(*directory.node_);
  const auto host = stat_open(descriptor_of(directory));
  if (!host) return refuse(host.error());
  return to_filestat(*host);
}

Outcome<void> FileSpace::set_times(const Directory& at, std::string_view path, Follow follow,
                                   const Times& times) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  if (auto found = examine(walk, follow); !found) return refuse(found.error());
  if (walk.named_node() != nullptr && !walk.name().empty()) {
    if (walk.named_node()->is_device) return refuse(Errno::rofs);
    if (auto entered = walk.enter_last(); !entered) return entered;
  }
  const auto directory = walk.for_creation();
  if (!directory) return refuse(directory.error());
  const char* name = walk.name().empty() ? "." : walk.name().c_str();
  if (::utimensat(*directory, name, to_timespecs(times).data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return host_failure();
  }
  return {};
}

Outcome<void> FileSpace::set_times(const Directory& directory, const Times& times) {
  return set_times(directory, ".", Follow::no, times);
}

Outcome<std::string> FileSpace::readlink(const Directory& at, std::string_view path) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return refuse(there.error());
  if (auto found = examine(walk, Follow::no); !found) return refuse(found.error());
  if (walk.named_node() != nullptr || walk.name().empty()) return refuse(Errno::inval);
  auto text = read_link(walk.descriptor(), walk.name().c_str());
  // Where it leads to is no business of a guest that may not follow it.
  if (text && text->starts_with('/') && rules_ == PathRules::capability) {
    return refuse(Errno::perm);
  }
  return text;
}

Outcome<UniqueFd> FileSpace::open_to_sync(const Directory& directory) const {
  const int descriptor = descriptor_of(directory);
  if (descriptor < 0 || directory.access() == Access::read_only) return UniqueFd();
  // A mount's own descriptor is an O_PATH one, which fsync refuses.
  UniqueFd readable(::openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return host_failure();
  return readable;
}

Outcome<void> FileSpace::sync(const Directory& directory) {
  const auto readable = open_to_sync(directory);
  if (!readable) return refuse(readable.error());
  if (*readable && ::fsync(readable->get()) != 0) return host_failure();
  return {};
}

}  // namespace brink::wasi::files
