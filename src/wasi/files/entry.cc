// What the last component of a walk is, and how names come to change there.

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "wasi/files/host_call.h"
#include "wasi/files/host_listing.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {
namespace {

Entry found(Entry::Place place, const struct stat& host) {
  Entry entry;
  entry.place = place;
  entry.host = host;
  return entry;
}

void merge(Entry& upper, const struct stat& lower) {
  upper.is_merged = true;
  upper.lower_dev = lower.st_dev;
  upper.lower_ino = lower.st_ino;
}

}  // namespace

Filestat Entry::stat() const {
  Filestat result = to_filestat(host);
  if (is_merged) {
    result.dev = lower_dev;
    result.ino = lower_ino;
  }
  return result;
}

Outcome<Entry> Walk::look() const {
  const Node* node = named_node();
  Entry entry;
  if (node != nullptr && node->kind != Node::Kind::file) {
    entry.place = Entry::Place::tree;
    return entry;
  }
  // In an empty place nothing is not a failure; of itself a directory has a stat.
  const auto stat = [&](int directory) -> Outcome<struct stat> {
    if (directory < 0) return refuse(Errno::noent);
    return name_.empty() ? stat_open(directory) : stat_at(directory, name_.c_str());
  };
  const auto upper = stat(here_.upper);
  if (!upper && upper.error() != Errno::noent) return refuse(upper.error());
  const bool shows_lower = name_.empty() || !is_hidden(name_);
  if (upper) {
    entry = found(Entry::Place::upper, *upper);
    if (!S_ISDIR(upper->st_mode) || !shows_lower || node != nullptr) return entry;
    if (const auto lower = stat(here_.lower); lower && S_ISDIR(lower->st_mode)) {
      merge(entry, *lower);
    }
    return entry;
  }
  if (!shows_lower) return entry;
  if (node != nullptr) {
    const auto content = stat_open(node->content.get());
    if (!content) return refuse(content.error());
    entry = found(Entry::Place::provided, *content);
    entry.host.st_dev = 0;
    entry.host.st_ino = node->ino;
    return entry;
  }
  const auto lower = stat(here_.lower);
  if (lower) return found(Entry::Place::lower, *lower);
  if (lower.error() != Errno::noent) return refuse(lower.error());
  return entry;
}

bool Walk::covers_lower() const {
  if (!is_layered() || is_hidden(name_)) return false;
  const Node* node = named_node();
  if (node != nullptr) return true;
  return here_.lower >= 0 && stat_at(here_.lower, name_.c_str()).has_value();
}

Outcome<void> Walk::check_empty(const Entry& directory) const {
  if (!is_layered()) return {};
  HostEntry entry;
  if (directory.place == Entry::Place::upper) {
    const UniqueFd upper = open_beneath(here_.upper, name_.c_str(), O_RDONLY | O_DIRECTORY);
    if (!upper) return host_failure();
    const auto shown = HostListing(upper.get()).next(entry);
    if (!shown) return refuse(shown.error());
    if (*shown) return refuse(Errno::notempty);
    if (!directory.is_merged) return {};
  }
  const UniqueFd lower = open_beneath(here_.lower, name_.c_str(), O_RDONLY | O_DIRECTORY);
  if (!lower) return host_failure();
  const std::string path = path_ + "/" + name_;
  HostListing listing(lower.get());
  for (;;) {
    const auto more = listing.next(entry);
    if (!more) return refuse(more.error());
    if (!*more) return {};
    if (!space_.scratch_now()->is_marked(path, entry.name)) return refuse(Errno::notempty);
  }
}

Outcome<Quota::Lock> Walk::begin_change() {
  if (!is_layered()) {
    if (here_.region->access == Access::read_only || here_.lower < 0) return refuse(Errno::rofs);
    return Quota::Lock();
  }
  if (auto made = space_.require_scratch(); !made) return refuse(made.error());
  Quota::Lock held = space_.scratch_now()->quota().lock();
  if (auto fresh = refresh(); !fresh) return refuse(fresh.error());
  return held;
}

Outcome<void> Walk::refresh() {
  if (!is_layered() || here_.upper >= 0) return {};
  // Somebody may have made it, or removed the lower one, since the walk came here.
  if (here_.node == nullptr && space_.is_removed(path_)) return refuse(Errno::noent);
  if (path_.empty()) {
    here_.upper = space_.upper_root();
  } else {
    owned_upper_ = space_.open_upper(path_);
    here_.upper = owned_upper_.get();
  }
  return {};
}

Outcome<int> Walk::for_creation(const Quota::Lock& held) {
  if (!is_layered()) return here_.lower;
  if (here_.upper < 0) {
    auto made = space_.make_upper(held, path_);
    if (!made) return refuse(made.error());
    owned_upper_ = std::move(*made);
    here_.upper = owned_upper_.get();
  }
  return here_.upper;
}

}  // namespace brink::wasi::files
