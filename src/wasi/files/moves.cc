// The operations of FileSpace that give a file another name.

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "wasi/files/copy_up.h"
#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {
namespace {

using Place = Entry::Place;

bool is_same_file_system(const Walk& one, const Walk& other) {
  if (one.is_layered() || other.is_layered()) return one.is_layered() && other.is_layered();
  return one.region() == other.region();
}

bool is_read_only(const Walk& walk) {
  if (walk.is_layered()) return false;  // the scratch directory will tell
  return walk.region()->access == Access::read_only || walk.lower() < 0;
}

/// What is to be moved, links unfollowed: the tree has no say in it.
Outcome<Entry> look_movable(const Walk& walk) {
  const auto entry = walk.look();
  if (!entry) return entry;
  if (entry->place == Place::none) return refuse(Errno::noent);
  if (entry->place == Place::tree) return refuse(Errno::busy);
  if (walk.must_be_directory() && !entry->is_directory()) return refuse(Errno::notdir);
  return entry;
}

/// Whether the target may be replaced by the source, as rename(2) has it.
Outcome<void> check_replaced(const Walk& target, const Entry& replaced, const Entry& moved) {
  if (replaced.place == Place::none) return {};
  if (replaced.place == Place::tree) return refuse(Errno::busy);
  if (moved.is_directory() && !replaced.is_directory()) return refuse(Errno::notdir);
  if (!moved.is_directory() && replaced.is_directory()) return refuse(Errno::isdir);
  return replaced.is_directory() ? target.check_empty(replaced) : Outcome<void>();
}

std::string whole_path(const Walk& walk) { return walk.path() + "/" + walk.name(); }

/// A directory cannot go into itself, and what it contains cannot take its place.
Outcome<void> check_nesting(const Walk& source, const Walk& target) {
  const auto is_in = [](const Walk& inner, const Walk& outer) {
    return (inner.path() + "/").starts_with(whole_path(outer) + "/");
  };
  if (is_in(target, source)) return refuse(Errno::inval);
  if (is_in(source, target)) return refuse(Errno::notempty);
  return {};
}

Outcome<void> rename_on_host(int from, const Walk& source, int to, const Walk& target) {
  if (::renameat(from, source.name().c_str(), to, target.name().c_str()) != 0) {
    return host_failure();
  }
  return {};
}

}  // namespace

Outcome<void> FileSpace::rename(const Directory& from, std::string_view old_path,
                                const Directory& to, std::string_view new_path) {
  Walk source(*this, from);
  if (auto there = walk_to_parent(source, old_path); !there) return there;
  Walk target(*this, to);
  if (auto there = walk_to_parent(target, new_path); !there) return there;
  if (source.name().empty() || target.name().empty()) return refuse(Errno::busy);
  const Node* onto = target.named_node();
  if (onto != nullptr && onto->kind != Node::Kind::file) return refuse(Errno::busy);
  const auto moved = look_movable(source);
  if (!moved) return refuse(moved.error());
  if (target.must_be_directory() && !moved->is_directory()) return refuse(Errno::notdir);
  if (is_read_only(source) || is_read_only(target)) return refuse(Errno::rofs);
  if (!is_same_file_system(source, target)) return refuse(Errno::xdev);
  if (!source.is_layered()) {
    return rename_on_host(source.lower(), source, target.lower(), target);
  }
  // One lock for both: it is the scratch directory's.
  const auto held = source.begin_change();
  if (!held) return refuse(held.error());
  return replace(source, target, *held);
}

/// With the quota locked. The order is such that at no time the source's lower
/// name or the names of a replaced lower directory come to light.
Outcome<void> FileSpace::replace(Walk& source, Walk& target, const Quota::Lock& held) {
  const auto seen = look_movable(source);
  if (!seen) return refuse(seen.error());
  if (auto fresh = target.refresh(); !fresh) return fresh;
  const auto replaced = target.look();
  if (!replaced) return refuse(replaced.error());
  CopyUp copy(*this, held);
  if (whole_path(source) == whole_path(target)) return {};
  if (auto apart = check_nesting(source, target); !apart) return apart;
  if (seen->is_directory() && (seen->is_merged || seen->place == Place::lower)) {
    return refuse(Errno::xdev);
  }
  if (auto may = check_replaced(target, *replaced, *seen); !may) return may;
  const auto from = copy.bring(source, CopyUp::What::names);
  if (!from) return refuse(from.error());
  const auto to = target.for_creation(held);
  if (!to) return refuse(to.error());
  const auto moved = stat_at(*from, source.name().c_str());
  if (!moved) return refuse(moved.error());
  const bool is_same = replaced->place == Place::upper && replaced->host.st_ino == moved->st_ino &&
                       replaced->host.st_dev == moved->st_dev;
  if (is_same) return {};  // two names of one file: nothing happens
  if (source.covers_lower()) {
    if (auto marked = scratch_now()->mark(held, source.path(), source.name()); !marked) {
      return marked;
    }
  }
  if (seen->is_directory() && target.covers_lower()) {
    if (auto marked = scratch_now()->mark(held, target.path(), target.name()); !marked) {
      return marked;
    }
  }
  copy.forget(target);
  Scratch::Loss loss;
  if (replaced->place == Place::upper) {
    loss = scratch_now()->losing(held, *to, target.name().c_str(), replaced->host);
  }
  const auto renamed = rename_on_host(*from, source, *to, target);
  scratch_now()->lost(held, loss, renamed ? Scratch::Done::yes : Scratch::Done::no);
  return renamed;
}

Outcome<void> FileSpace::link(const Directory& from, std::string_view old_path, Follow follow,
                              const Directory& to, std::string_view new_path) {
  Walk source(*this, from);
  if (auto there = walk_to_parent(source, old_path); !there) return there;
  const auto found = examine(source, follow);
  if (!found) return refuse(found.error());
  Walk target(*this, to);
  if (auto there = walk_to_parent(target, new_path); !there) return there;
  const auto check_target = [&]() -> Outcome<void> {
    if (target.name().empty()) return refuse(Errno::exist);
    const auto there = target.look();
    if (!there) return refuse(there.error());
    if (there->place != Place::none) return refuse(Errno::exist);
    return {};
  };
  if (auto free = check_target(); !free) return free;
  if (target.must_be_directory()) return refuse(Errno::noent);
  if (found->is_directory()) return refuse(Errno::perm);
  if (is_read_only(target)) return refuse(Errno::rofs);
  if (!is_same_file_system(source, target)) return refuse(Errno::xdev);
  const auto held = target.begin_change();
  if (!held) return refuse(held.error());
  if (auto free = check_target(); !free) return free;
  if (auto fresh = source.refresh(); !fresh) return fresh;
  const auto directory = CopyUp(*this, *held).bring(source, CopyUp::What::names);
  if (!directory) return refuse(directory.error());
  const auto created = target.for_creation(*held);
  if (!created) return refuse(created.error());
  // Without AT_SYMLINK_FOLLOW: a link that has taken the file's place is linked itself.
  if (::linkat(*directory, source.name().c_str(), *created, target.name().c_str(), 0) != 0) {
    return host_failure();
  }
  return {};
}

}  // namespace brink::wasi::files
