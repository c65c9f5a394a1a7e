#include "wasi/files/file_space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "wasi/files/copy_up.h"
#include "wasi/files/host_call.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {

Directory FileSpace::preopen(std::size_t index) const {
  BRINK_CHECK(index < tree_.preopens().size());
  const Node* node = tree_.preopens()[index].node;
  return {node->path(), node, node->region, {}};
}

/// A name of the tree is the same file for the guest whatever the layers below
/// have there, so only a mount point shows its host's numbers.
Filestat FileSpace::stat_of(const Node& node) const {
  const bool is_mount = node.layer != nullptr && node.layer->origin != Origin::scratch;
  Filestat result{.type = FileType::directory};
  if (is_mount) {
    if (const auto host = stat_open(root_of(*node.layer))) result = to_filestat(*host);
  } else if (node.kind == Node::Kind::file) {
    if (const auto host = stat_open(node.content.get())) result = to_filestat(*host);
  } else if (node.kind == Node::Kind::device) {
    result.type = FileType::character_device;
  } else if (is_layered(node.region) && scratch_now() != nullptr && node.parent != nullptr) {
    const UniqueFd upper = open_upper(node.path());
    if (const auto host = stat_open(upper.get())) result = to_filestat(*host);
  }
  if (!is_mount) {
    result.dev = 0;
    result.ino = node.ino;
  }
  return result;
}

Outcome<Entry> FileSpace::examine(Walk& walk, Follow follow) {
  for (;;) {
    const auto entry = walk.look();
    if (!entry) return entry;
    if (entry->place == Entry::Place::none) return refuse(Errno::noent);
    if (entry->is_link() && (follow == Follow::yes || walk.must_be_directory())) {
      if (auto followed = walk.follow_last(); !followed) return refuse(followed.error());
      continue;
    }
    const bool is_device =
        entry->place == Entry::Place::tree && walk.named_node()->kind == Node::Kind::device;
    if (walk.must_be_directory() && (is_device || !entry->is_directory())) {
      return refuse(Errno::notdir);
    }
    return entry;
  }
}

Outcome<void> FileSpace::walk_to_parent(Walk& walk, std::string_view path) {
  if (auto begun = walk.begin(path); !begun) return begun;
  return walk.to_parent();
}

Outcome<Filestat> FileSpace::stat(const Directory& at, std::string_view path, Follow follow) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return refuse(there.error());
  const auto entry = examine(walk, follow);
  if (!entry) return refuse(entry.error());
  return entry->place == Entry::Place::tree ? stat_of(*walk.named_node()) : entry->stat();
}

Outcome<Filestat> FileSpace::stat(const Directory& directory) {
  if (directory.node_ != nullptr) return stat_of(*directory.node_);
  UniqueFd owned;
  const auto upper = upper_of(directory, owned);
  const int upper_directory = upper ? upper->upper : directory.upper_.get();
  const int lower = lower_of(directory);
  const auto host = stat_open(upper_directory >= 0 ? upper_directory : lower);
  if (!host) return refuse(host.error());
  Filestat result = to_filestat(*host);
  if (lower < 0 || upper_directory < 0) return result;
  // A directory keeps its numbers when it gets an upper one.
  const auto below = stat_open(lower);
  if (!below) return refuse(below.error());
  result.dev = below->st_dev;
  result.ino = below->st_ino;
  return result;
}

Outcome<void> FileSpace::set_times(const Directory& at, std::string_view path, Follow follow,
                                   const Times& times) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  const auto found = examine(walk, follow);
  if (!found) return refuse(found.error());
  if (found->place == Entry::Place::tree && !walk.name().empty()) {
    if (walk.named_node()->kind == Node::Kind::device) return refuse(Errno::rofs);
    if (auto entered = walk.enter_last(); !entered) return entered;
  }
  const auto held = walk.begin_change();
  if (!held) return refuse(held.error());
  auto directory = walk.name().empty() ? walk.for_creation(*held)
                                       : CopyUp(*this, *held).bring(walk, CopyUp::What::anything);
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
  const auto entry = examine(walk, Follow::no);
  if (!entry) return refuse(entry.error());
  if (!entry->is_link()) return refuse(Errno::inval);
  auto text = read_link(walk.holder(*entry), walk.name().c_str());
  // Where it leads to is no business of a guest that may not follow it.
  if (text && text->starts_with('/') && rules_ == PathRules::capability) {
    return refuse(Errno::perm);
  }
  return text;
}

Outcome<UniqueFd> FileSpace::open_to_sync(const Directory& directory) const {
  UniqueFd owned;
  int descriptor = lower_of(directory);
  if (is_layered(directory.region_)) {
    const auto upper = upper_of(directory, owned);
    descriptor = upper ? upper->upper : -1;
  } else if (directory.region_->access == Access::read_only) {
    return UniqueFd();
  }
  if (descriptor < 0) return UniqueFd();
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
