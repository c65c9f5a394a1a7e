// The operations of FileSpace that make, move and remove names.

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"
#include "wasi/files/path.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // less the umask

/// Whether the walk's last component exists already, as a name of the tree, a
/// directory the walk went into, or on the host.
bool exists(const Walk& walk) {
  if (walk.name().empty() || walk.named_node() != nullptr) return true;
  return walk.descriptor() >= 0 && stat_at(walk.descriptor(), walk.name().c_str()).has_value();
}

/// What is to be removed or moved, links unfollowed: the tree has no say in it.
Outcome<struct stat> stat_removable(const Walk& walk) {
  if (walk.descriptor() < 0) return refuse(Errno::noent);
  const auto host = stat_at(walk.descriptor(), walk.name().c_str());
  if (host && walk.must_be_directory() && !S_ISDIR(host->st_mode)) return refuse(Errno::notdir);
  return host;
}

bool is_read_only(const Walk& walk) {
  return walk.layer() == nullptr || walk.layer()->access == Access::read_only;
}

/// Holds the quota, if there is one, from the look at a name to its change.
Quota::Lock lock(Quota* quota) { return quota != nullptr ? quota->lock() : Quota::Lock(); }

}  // namespace

Outcome<void> FileSpace::make_name(Walk& walk, std::uint64_t bytes, const NameMaker& make) {
  if (exists(walk)) return refuse(Errno::exist);
  const auto directory = walk.for_creation();
  if (!directory) return refuse(directory.error());
  Quota* quota = quota_of(walk.layer());
  const Quota::Lock held = lock(quota);
  if (quota != nullptr) {
    if (auto taken = quota->take_bytes(held, bytes); !taken) return taken;
    if (auto taken = quota->take_inode(held); !taken) {
      quota->give_bytes(held, bytes);
      return taken;
    }
  }
  if (make(*directory, walk.name()) == 0) return {};
  const auto failure = host_failure();
  if (quota != nullptr) {
    quota->give_bytes(held, bytes);
    quota->give_inode(held);
  }
  return failure;
}

Outcome<void> FileSpace::mkdir(const Directory& at, std::string_view path) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  return make_name(walk, 0, [](int directory, const std::string& name) {
    return ::mkdirat(directory, name.c_str(), kDirectoryMode);
  });
}

Outcome<void> FileSpace::symlink(std::string_view text, const Directory& at,
                                 std::string_view path) {
  if (auto good = check_link_text(text); !good) return good;
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  if (walk.must_be_directory()) {
    if (!exists(walk)) return refuse(Errno::noent);
    // "file/" names nothing; that the name is taken would be the second reason.
    const auto found = examine(walk, Follow::no);
    if (!found && found.error() == Errno::notdir) return refuse(Errno::notdir);
  }
  const std::string target(text);
  return make_name(walk, target.size(), [&](int directory, const std::string& name) {
    return ::symlinkat(target.c_str(), directory, name.c_str());
  });
}

/// A link's text is bounded as a path is, but may have components that are none.
Outcome<void> FileSpace::check_link_text(std::string_view text) const {
  if (text.empty()) return refuse(Errno::noent);
  if (text.size() > kMaxPath) return refuse(Errno::nametoolong);
  if (text.contains('\0')) return refuse(Errno::inval);
  if (rules_ == PathRules::rooted) return {};
  if (!is_utf8(text)) return refuse(Errno::ilseq);
  if (text.starts_with('/')) return refuse(Errno::perm);
  return {};
}

Outcome<void> FileSpace::rmdir(const Directory& at, std::string_view path) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  if (const Node* node = walk.named_node(); node != nullptr) {
    return refuse(node->is_device ? Errno::notdir : Errno::busy);
  }
  if (walk.name().empty()) return refuse(Errno::inval);
  Quota* quota = quota_of(walk.layer());
  const Quota::Lock held = lock(quota);
  const auto host = stat_removable(walk);
  if (!host) return refuse(host.error());
  if (!S_ISDIR(host->st_mode)) return refuse(Errno::notdir);
  if (is_read_only(walk)) return refuse(Errno::rofs);
  if (::unlinkat(walk.descriptor(), walk.name().c_str(), AT_REMOVEDIR) != 0) return host_failure();
  if (quota != nullptr) quota->unlinked(held, *host);
  return {};
}

Outcome<void> FileSpace::unlink(const Directory& at, std::string_view path) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  if (const Node* node = walk.named_node(); node != nullptr) {
    return refuse(node->is_device ? Errno::busy : Errno::isdir);
  }
  if (walk.name().empty()) return refuse(Errno::isdir);
  Quota* quota = quota_of(walk.layer());
  const Quota::Lock held = lock(quota);
  const auto host = stat_removable(walk);
  if (!host) return refuse(host.error());
  if (S_ISDIR(host->st_mode)) return refuse(Errno::isdir);
  if (is_read_only(walk)) return refuse(Errno::rofs);
  if (::unlinkat(walk.descriptor(), walk.name().c_str(), 0) != 0) return host_failure();
  if (quota != nullptr) quota->unlinked(held, *host);
  return {};
}

Outcome<void> FileSpace::rename(const Directory& from, std::string_view old_path,
                                const Directory& to, std::string_view new_path) {
  Walk source(*this, from);
  if (auto there = walk_to_parent(source, old_path); !there) return there;
  Walk target(*this, to);
  if (auto there = walk_to_parent(target, new_path); !there) return there;
  if (source.name().empty() || source.named_node() != nullptr || target.name().empty() ||
      target.named_node() != nullptr) {
    return refuse(Errno::busy);
  }
  Quota* quota = quota_of(source.layer());
  const Quota::Lock held = lock(quota);
  const auto moved = stat_removable(source);
  if (!moved) return refuse(moved.error());
  if (target.must_be_directory() && !S_ISDIR(moved->st_mode)) return refuse(Errno::notdir);
  if (is_read_only(source) || is_read_only(target)) return refuse(Errno::rofs);
  if (source.layer() != target.layer()) return refuse(Errno::xdev);
  if (target.descriptor() < 0) return refuse(Errno::noent);
  const auto replaced = stat_at(target.descriptor(), target.name().c_str());
  if (::renameat(source.descriptor(), source.name().c_str(), target.descriptor(),
                 target.name().c_str()) != 0) {
    return host_failure();
  }
  // Two names of one file: rename does nothing then.
  if (quota != nullptr && replaced && replaced->st_ino != moved->st_ino) {
    quota->unlinked(held, *replaced);
  }
  return {};
}

Outcome<void> FileSpace::link(const Directory& from, std::string_view old_path, Follow follow,
                              const Directory& to, std::string_view new_path) {
  Walk source(*this, from);
  if (auto there = walk_to_parent(source, old_path); !there) return there;
  const auto found = examine(source, follow);
  if (!found) return refuse(found.error());
  Walk target(*this, to);
  if (auto there = walk_to_parent(target, new_path); !there) return there;
  if (exists(target)) return refuse(Errno::exist);
  if (target.must_be_directory()) return refuse(Errno::noent);
  if (found->type == FileType::directory || source.named_node() != nullptr) {
    return refuse(Errno::perm);
  }
  const auto directory = target.for_creation();
  if (!directory) return refuse(directory.error());
  if (source.layer() != target.layer()) return refuse(Errno::xdev);
  Quota* quota = quota_of(target.layer());
  const Quota::Lock held = lock(quota);
  // Without AT_SYMLINK_FOLLOW: a link that has taken the file's place is linked itself.
  if (::linkat(source.descriptor(), source.name().c_str(), *directory, target.name().c_str(), 0) !=
      0) {
    return host_failure();
  }
  return {};
}

}  // namespace brink::wasi::files
