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
  const char* rest = walk_.whole_rest();
  if (rest != nullptr && (!walk_.is_layered() || (!options_.create && !changes()))) {
    auto opened = open_direct(rest);
    if (opened) return finish(std::move(*opened), rest);
    if (!is_retry(opened.error())) return refuse(opened.error());
  }
  if (auto there = walk_.to_parent(); !there) return refuse(there.error());
  for (int retries = 0;;) {
    if (walk_.name().empty()) return open_here();
    auto opened = open_last();
    if (opened || is_copying_ || !is_retry(opened.error())) return opened;
    if (opened.error() != Errno::loop) {
      if (++retries > kMaxRetries) return refuse(Errno::again);
      continue;
    }
    if (options_.create && options_.exclusive) return refuse(Errno::exist);
    if (options_.follow == Follow::no && !walk_.must_be_directory()) return refuse(Errno::loop);
    if (auto followed = walk_.follow_last(); !followed) return refuse(followed.error());
  }
}

/// ELOOP when the last component is a link, EAGAIN when it changed meanwhile.
Outcome<Opened> Opening::open_last() {
  const Node* node = walk_.named_node();
  if (node != nullptr && node->kind != Node::Kind::file) return open_node(*node);
  if (walk_.is_layered()) return open_layered();
  const std::string name = walk_.name() + (walk_.must_be_directory() ? "/" : "");
  auto opened = open_direct(name.c_str());
  if (!opened) return refuse(opened.error());
  return finish(std::move(*opened), name);
}

Outcome<Opened> Opening::open_node(const Node& node) {
  if (node.kind == Node::Kind::directory) {
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
  Directory::Descriptors descriptors;
  const bool is_layer_root = node != nullptr && node->layer != nullptr;
  if (!is_layer_root && walk_.lower() >= 0) {
    descriptors.lower = open_beneath(walk_.lower(), ".", O_RDONLY | O_DIRECTORY);
    if (!descriptors.lower) return host_failure();
  }
  if (walk_.upper() >= 0) {
    descriptors.upper = open_beneath(walk_.upper(), ".", O_RDONLY | O_DIRECTORY);
    if (!descriptors.upper) return host_failure();
  }
  std::string path = walk_.path().empty() ? "/" : walk_.path();
  return Directory(std::move(path), node, walk_.region(), std::move(descriptors));
}

Outcome<UniqueFd> Opening::open_direct(const char* name) {
  const Layer* region = walk_.region();
  const bool is_writable = !walk_.is_layered() && region->access == Access::read_write;
  if (walk_.lower() < 0) return refuse(options_.create ? Errno::rofs : Errno::noent);
  if (is_writable) {
    int flags = host_flags();
    if (options_.create) flags |= O_CREAT;
    if (options_.create && options_.exclusive) flags |= O_EXCL;
    UniqueFd descriptor = open_beneath(walk_.lower(), name, flags, options_.create ? kFileMode : 0);
    if (!descriptor) return host_failure();
    return descriptor;
  }
  // What is there decides: a missing name, a directory or a link comes before the
  // refusal to write.
  const int directory_only = options_.directory ? O_DIRECTORY : 0;
  UniqueFd descriptor = open_beneath(walk_.lower(), name, O_RDONLY | directory_only);
  if (!descriptor) {
    if (errno == ENOENT && options_.create) return refuse(Errno::rofs);
    if (errno == ELOOP && options_.create && options_.exclusive) return refuse(Errno::exist);
    return host_failure();
  }
  if (options_.create && options_.exclusive) return refuse(Errno::exist);
  return descriptor;
}

Outcome<Opened> Opening::finish(UniqueFd descriptor, std::string_view name) {
  const auto host = stat_open(descriptor.get());
  if (!host) return refuse(host.error());
  if (S_ISREG(host->st_mode)) {
    const bool is_writable = !walk_.is_layered() && walk_.region()->access == Access::read_write;
    if (changes() && !is_writable) return refuse(Errno::rofs);
    return finish_file(std::move(descriptor), nullptr,
                       is_writable ? Access::read_write : Access::read_only);
  }
  if (!S_ISDIR(host->st_mode)) return refuse(Errno::nxio);
  if (options_.create || (changes() && !options_.directory)) return refuse(Errno::isdir);
  std::string path = walk_.path();
  append_path(path, name);
  if (path.size() > kMaxPath) return refuse(Errno::nametoolong);
  return Directory(std::move(path), nullptr, walk_.region(), {std::move(descriptor), UniqueFd()});
}

Outcome<Opened> Opening::finish_file(UniqueFd descriptor, Scratch* scratch, Access access) {
  const bool cuts = options_.truncate && scratch == nullptr;
  if (cuts && ::ftruncate(descriptor.get(), 0) != 0) return host_failure();
  return OpenFile(std::move(descriptor), scratch, access,
                  options_.append ? Append::on : Append::off);
}

Outcome<Opened> FileSpace::open(const Directory& at, std::string_view path,
                                const OpenOptions& options) {
  Walk walk(*this, at);
  if (auto begun = walk.begin(path); !begun) return refuse(begun.error());
  return Opening(*this, walk, options).run();
}

}  // namespace brink::wasi::files
