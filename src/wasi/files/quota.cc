#include "wasi/files/quota.h"

#include <algorithm>

#include "base/check.h"
#include "wasi/files/host_call.h"

namespace brink::wasi::files {
namespace {

std::uint64_t length_of(const struct stat& file) {
  return S_ISDIR(file.st_mode) ? 0 : static_cast<std::uint64_t>(file.st_size);
}

}  // namespace

Outcome<void> Quota::take_bytes(const Lock& held, std::uint64_t count) {
  if (count > free_bytes(held)) return refuse(Errno::nospc);
  bytes_ += count;
  return {};
}

Outcome<void> Quota::take_inode(const Lock& held) {
  BRINK_CHECK(held.owns_lock());
  if (inodes_ >= limits_.inodes) return refuse(Errno::nospc);
  ++inodes_;
  return {};
}

void Quota::give_bytes(const Lock& held, std::uint64_t count) {
  BRINK_CHECK(held.owns_lock());
  // An operator who edits a scratch file on the host must not end the process.
  bytes_ -= std::min(count, bytes_);
}

void Quota::give_inode(const Lock& held) {
  BRINK_CHECK(held.owns_lock());
  inodes_ -= std::min<std::uint64_t>(1, inodes_);
}

std::uint64_t Quota::free_bytes(const Lock& held) const {
  BRINK_CHECK(held.owns_lock());
  return limits_.bytes.bytes() - bytes_;
}

void Quota::opened(const Lock& held, ino_t inode) {
  BRINK_CHECK(held.owns_lock());
  ++handles_[inode];
}

void Quota::closing(const Lock& held, int descriptor) {
  BRINK_CHECK(held.owns_lock());
  const auto file = stat_open(descriptor);
  if (!file) return;  // stays counted
  const auto handle = handles_.find(file->st_ino);
  BRINK_CHECK(handle != handles_.end());
  if (--handle->second > 0) return;
  handles_.erase(handle);
  if (file->st_nlink > 0) return;
  give_bytes(held, length_of(*file));
  give_inode(held);
}

void Quota::unlinked(const Lock& held, const struct stat& file) {
  BRINK_CHECK(held.owns_lock());
  if (!S_ISDIR(file.st_mode) && file.st_nlink > 1) return;
  if (handles_.contains(file.st_ino)) return;  // given back by the last close
  give_bytes(held, length_of(file));
  give_inode(held);
}

std::uint64_t Quota::bytes() const {
  const std::lock_guard held(mutex_);
  return bytes_;
}

std::uint64_t Quota::inodes() const {
  const std::lock_guard held(mutex_);
  return inodes_;
}

}  // namespace brink::wasi::files
