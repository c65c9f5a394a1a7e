#include "wasi/files/opening.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "wasi/files/host_call.h"
#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

constexpr mode_t kFileMode = 0666;  // less the umask
constexpr int kMaxRetries = 8;

bool is_retry(Errno why) { return why == Errno::loop || why == Errno::xdev || why == Errno::again; }

}  // namespace

int Opening::host_flags() const noexcept {
  int flags = 0;
  if (options_.directory) {
    flags = O_RDONLY | O_DIRECTORY;
  } else if (changes()) {
    flags = options_.read ? O_RDWR : O_WRONLY;
  }
  if (options_.dsync) flags |= O_DSYNC;
  if (options_.sync) flags |= O_SYNC;
  return flags;
}

Outcome<Opened> Opening::run() {
  if (options_.directory && (options_.create || options_.exclusive || options_.truncate)) {
    return refuse(Errno::inval);
  }
  if (const char* rest = walk_.whole_rest(); rest != nullptr) {
    auto opened = open_host(rest);
    if (opened) return finish(std::move(*opened), rest);
    if (!is_retry(opened.error())) return refuse(opened.error());
  }
  if (auto there = walk_.to_parent(); !there) return refuse(there.error());
  for (int retries = 0;;) {
    if (walk_.name().empty()) return open_here();
    if (const Node* node = walk_.named_node(); node != nullptr) return open_node(*node);
    const std::string name = walk_.name() + (walk_.must_be_directory() ? "/" : "");
    auto opened = open_host(name.c_str());
    if (opened) return finish(std::move(*opened), name);
    if (!is_retry(opened.error())) return refuse(opened.error());
    if (opened.error() != Errno::loop) {
      if (++retries > kMaxRetries) return refuse(Errno::again);
      continue;
    }
    if (options_.create && options_.exclusive) return refuse(Errno::exist);
    if (options_.follow == Follow::no && !walk_.must_be_directory()) return refuse(Errno::loop);
    if (auto followed = walk_.follow_last(); !followed) return refuse(followed.error());
  }
}

Outcome<Opened> Opening::open_node(const Node& node) {
  if (!node.is_device) {
    if (auto entered = walk_.enter_last(); !entered) return refuse(entered.error());
    return open_here();
  }
  if (options_.create && options_.exclusive) return refuse(Errno::exist);
  if (options_.directory || walk_.must_be_directory()) return refuse(Errno::notdir);
  return node.device;
}

/// The path names the directory the walk has come to.
Outcome<Opened> Opening::open_here() {
  if (options_.create && options_.exclusive) return refuse(Errno::exist);
  if (options_.create || (changes() && !options_.directory)) return refuse(Errno::isdir);
  const Node* node = walk_.named_node();
  UniqueFd descriptor;
  const bool is_layer_root = node != nullptr && node->layer != nullptr;
  if (!is_layer_root && walk_.descriptor() >= 0) {
    descriptor = open_beneath(walk_.descriptor(), ".", O_RDONLY | O_DIRECTORY);
    if (!descriptor) return host_failure();
  }
  std::string path = walk_.path().empty() ? "/" : walk_.path();
  return Directory(std::move(path), node, walk_.layer(), std::move(descriptor));
}

Outcome<UniqueFd> Opening::open_host(const char* name) {
  // Following a link may have led out of the scratch directory.
  held_ = {};
  quota_ = nullptr;
  const Layer* layer = walk_.layer();
  const bool is_writable = layer != nullptr && layer->access == Access::read_write;
  if (is_writable && options_.create) {
    const auto directory = walk_.for_creation();
    if (!directory) return refuse(directory.error());
    return open_writable(*directory, name);
  }
  if (walk_.descriptor() < 0) return refuse(options_.create ? Errno::rofs : Errno::noent);
  if (is_writable) return open_writable(walk_.descriptor(), name);

  // What is there decides: a missing name, a directory or a link comes before the
  // refusal to write.
  const int directory_only = options_.directory ? O_DIRECTORY : 0;
  UniqueFd descriptor = open_beneath(walk_.descriptor(), name, O_RDONLY | directory_only);
  if (!descriptor) {
    if (errno == ENOENT && options_.create) return refuse(Errno::rofs);
    if (errno == ELOOP && options_.create && options_.exclusive) return refuse(Errno::exist);
    return host_failure();
  }
  if (options_.create && options_.exclusive) return refuse(Errno::exist);
  return descriptor;
}

Outcome<UniqueFd> Opening::open_writable(int directory, const char* name) {
  quota_ = space_.quota_of(walk_.layer());
  if (quota_ != nullptr) held_ = quota_->lock();
  if (options_.create && quota_ != nullptr) return create_counted(directory, name, *quota_);
  int flags = host_flags();
  if (options_.create) flags |= O_CREAT;
  if (options_.create && options_.exclusive) flags |= O_EXCL;
  UniqueFd descriptor = open_beneath(directory, name, flags, options_.create ? kFileMode : 0);
  if (!descriptor) return host_failure();
  return descriptor;
}

/// With the quota locked nobody else makes or removes names, so looking first and
/// then making tells whether there is one file more.
Outcome<UniqueFd> Opening::create_counted(int directory, const char* name, Quota& quota) {
  if (!options_.exclusive) {
    UniqueFd existing = open_beneath(directory, name, host_flags());
    if (existing) return existing;
    if (errno != ENOENT) return host_failure();
  }
  auto taken = quota.take_inode(held_);
  if (!taken) {
    // Only for a missing name the quota is the reason; a link is still to be followed.
    if (open_beneath(directory, name, O_PATH)) return refuse(Errno::exist);
    return errno == ENOENT ? refuse(taken.error()) : host_failure();
  }
  UniqueFd made = open_beneath(directory, name, host_flags() | O_CREAT | O_EXCL, kFileMode);
  if (made) return made;
  const auto failure = host_failure();
  quota.give_inode(held_);
  return failure;
}

Outcome<Opened> Opening::finish(UniqueFd descriptor, std::string_view name) {
  const auto host = stat_open(descriptor.get());
  if (!host) return refuse(host.error());
  if (S_ISREG(host->st_mode)) return finish_file(std::move(descriptor), *host);
  if (!S_ISDIR(host->st_mode)) return refuse(Errno::nxio);
  if (options_.create || (changes() && !options_.directory)) return refuse(Errno::isdir);
  std::string path = walk_.path();
  append_path(path, name);
  if (path.size() > kMaxPath) return refuse(Errno::nametoolong);
  return Directory(std::move(path), nullptr, walk_.layer(), std::move(descriptor));
}

Outcome<Opened> Opening::finish_file(UniqueFd descriptor, const struct stat& file) {
  const Access access = walk_.layer()->access;
  if (changes() && access == Access::read_only) return refuse(Errno::rofs);
  if (options_.truncate && file.st_size > 0) {
    if (::ftruncate(descriptor.get(), 0) != 0) return host_failure();
    if (quota_ != nullptr) quota_->give_bytes(held_, static_cast<std::uint64_t>(file.st_size));
  }
  if (quota_ != nullptr) quota_->opened(held_, file.st_ino);
  if (held_.owns_lock()) held_.unlock();
  return OpenFile(std::move(descriptor), quota_, access,
                  options_.append ? Append::on : Append::off);
}

Outcome<Opened> FileSpace::open(const Directory& at, std::string_view path,
                                const OpenOptions& options) {
  Walk walk(*this, at);
  if (auto begun = walk.begin(path); !begun) return refuse(begun.error());
  return Opening(*this, walk, options).run();
}

}  // namespace brink::wasi::files
