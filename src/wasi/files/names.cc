// The operations of FileSpace that make and remove names.

#include <fcntl.h>
#include <unistd.h>

#include "wasi/files/copy_up.h"
#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"
#include "wasi/files/path.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // less the umask

using Place = Entry::Place;

/// Whether the walk's last component exists already, as a directory the walk went
/// into or a name of any layer.
Outcome<bool> exists(const Walk& walk) {
  if (walk.name().empty()) return true;
  const auto entry = walk.look();
  if (!entry) return refuse(entry.error());
  return entry->place != Place::none;
}

}  // namespace

Outcome<void> FileSpace::make_name(Walk& walk, std::uint64_t bytes, const NameMaker& make) {
  // Before the refusal to write.
  if (const auto taken = exists(walk); !taken || *taken) {
    return refuse(taken ? Errno::exist : taken.error());
  }
  const auto held = walk.begin_change();
  if (!held) return refuse(held.error());
  if (const auto taken = exists(walk); !taken || *taken) {
    return refuse(taken ? Errno::exist : taken.error());
  }
  const auto directory = walk.for_creation(*held);
  if (!directory) return refuse(directory.error());
  Scratch* const scratch = walk.is_layered() ? scratch_now() : nullptr;
  if (scratch != nullptr) {
    if (auto taken = scratch->take(*held, bytes, 1); !taken) return taken;
  }
  if (make(*directory, walk.name()) == 0) return {};
  const auto failure = host_failure();
  if (scratch != nullptr) scratch->give(*held, bytes, 1);
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
    // "file/" names nothing; that the name is taken would be the second reason.
    const auto found = examine(walk, Follow::no);
    const bool is_file = !found && found.error() == Errno::notdir;
    if (const auto taken = exists(walk); is_file || (taken && !*taken)) {
      return refuse(is_file ? Errno::notdir : Errno::noent);
    }
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
  if (walk.name().empty()) {
    return refuse(walk.named_node() != nullptr ? Errno::busy : Errno::inval);
  }
  const auto check = [&]() -> Outcome<Entry> {
    const auto entry = walk.look();
    if (!entry) return entry;
    if (entry->place == Place::none) return refuse(Errno::noent);
    if (entry->place == Place::tree) {
      const bool is_device = walk.named_node()->kind == Node::Kind::device;
      return refuse(is_device ? Errno::notdir : Errno::busy);
    }
    if (!entry->is_directory()) return refuse(Errno::notdir);
    return entry;
  };
  if (const auto seen = check(); !seen) return refuse(seen.error());
  const auto held = walk.begin_change();
  if (!held) return refuse(held.error());
  const auto entry = check();
  if (!entry) return refuse(entry.error());
  if (auto empty = walk.check_empty(*entry); !empty) return empty;
  return remove(walk, *entry, *held);
}

Outcome<void> FileSpace::unlink(const Directory& at, std::string_view path) {
  Walk walk(*this, at);
  if (auto there = walk_to_parent(walk, path); !there) return there;
  if (walk.name().empty()) return refuse(Errno::isdir);
  const auto check = [&]() -> Outcome<Entry> {
    const auto entry = walk.look();
    if (!entry) return entry;
    if (entry->place == Place::none) return refuse(Errno::noent);
    if (entry->place == Place::tree) {
      const bool is_device = walk.named_node()->kind == Node::Kind::device;
      return refuse(is_device ? Errno::busy : Errno::isdir);
    }
    if (entry->is_directory()) return refuse(Errno::isdir);
    if (walk.must_be_directory()) return refuse(Errno::notdir);
    return entry;
  };
  if (const auto seen = check(); !seen) return refuse(seen.error());
  const auto held = walk.begin_change();
  if (!held) return refuse(held.error());
  const auto entry = check();
  if (!entry) return refuse(entry.error());
  return remove(walk, *entry, *held);
}

/// Hides what is below first: nobody sees it come to light in between.
Outcome<void> FileSpace::remove(Walk& walk, const Entry& entry, const Quota::Lock& held) {
  const int flags = entry.is_directory() ? AT_REMOVEDIR : 0;
  if (!walk.is_layered()) {
    if (::unlinkat(walk.lower(), walk.name().c_str(), flags) != 0) return host_failure();
    return {};
  }
  if (walk.covers_lower()) {
    if (auto marked = scratch_now()->mark(held, walk.path(), walk.name()); !marked) return marked;
    CopyUp(*this, held).forget(walk);
  }
  if (entry.place != Place::upper) return {};
  const auto loss = scratch_now()->losing(held, walk.upper(), walk.name().c_str(), entry.host);
  const bool done = ::unlinkat(walk.upper(), walk.name().c_str(), flags) == 0;
  const auto failure = host_failure();
  scratch_now()->lost(held, loss, done ? Scratch::Done::yes : Scratch::Done::no);
  if (!done) return failure;
  return {};
}

}  // namespace brink::wasi::files
