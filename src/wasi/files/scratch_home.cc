#include "wasi/files/scratch_home.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "wasi/files/remove_tree.h"

namespace brink::wasi::files {
namespace {

constexpr std::string_view kHomePrefix = "instances.";
constexpr std::string_view kDiscardedPrefix = "discarded.";
constexpr int kAttempts = 16;

struct CloseListing {
  void operator()(DIR* listing) const { ::closedir(listing); }
};
using Listing = std::unique_ptr<DIR, CloseListing>;

UniqueFd open_directory(int at, const char* name) {
  return UniqueFd(::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Listing list(int directory) {
  UniqueFd again = open_directory(directory, ".");
  if (!again) return nullptr;
  Listing listing(::fdopendir(again.get()));
  if (listing) static_cast<void>(again.release());
  return listing;
}

std::string random_name() {
  std::uint64_t random = 0;
  // The kernel's pool is long since ready; and a clash is only another attempt.
  static_cast<void>(::getrandom(&random, sizeof random, GRND_NONBLOCK));
  return std::string(kHomePrefix) + std::to_string(random);
}

/// Whether `name` still is the open directory: a sweep may have taken it away
/// between its making and its locking.
bool is_still(int base, const std::string& name, int directory) {
  struct stat by_name{};
  struct stat by_descriptor{};
  return ::fstatat(base, name.c_str(), &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstat(directory, &by_descriptor) == 0 && by_name.st_ino == by_descriptor.st_ino &&
         by_name.st_dev == by_descriptor.st_dev;
}

}  // namespace

Result<ScratchHome> ScratchHome::create(int base) {
  UniqueFd own_base = open_directory(base, ".");
  if (!own_base)
    return std::unexpected(errno_error(ErrorCode::io_error, "scratch directory", errno));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string name = random_name();
    if (::mkdirat(own_base.get(), name.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return std::unexpected(
          errno_error(ErrorCode::io_error, "cannot make a scratch directory", errno));
    }
    UniqueFd directory = open_directory(own_base.get(), name.c_str());
    if (directory && ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0 &&
        is_still(own_base.get(), name, directory.get())) {
      return ScratchHome(std::move(own_base), std::move(name), std::move(directory));
    }
  }
  return fail(ErrorCode::io_error, "cannot lock a scratch directory of our own",
              "use a scratch directory on a local file system that supports flock");
}

ScratchHome::ScratchHome(UniqueFd base, std::string name, UniqueFd directory)
    : base_(std::move(base)),
      name_(std::move(name)),
      directory_(std::move(directory)),
      owner_(::getpid()) {}

ScratchHome::ScratchHome(ScratchHome&& other) noexcept
    : base_(std::move(other.base_)),
      name_(std::move(other.name_)),
      directory_(std::move(other.directory_)),
      owner_(other.owner_),
      counter_(other.counter_.load()),
      waiting_(other.waiting_.load()) {}

ScratchHome::~ScratchHome() {
  if (!directory_ || ::getpid() != owner_) return;
  std::size_t budget = std::numeric_limits<std::size_t>::max();
  // What fails to go is left for the sweep.
  static_cast<void>(remove_tree(base_.get(), name_.c_str(), budget));
}

std::string ScratchHome::next_name() { return std::to_string(counter_.fetch_add(1)); }

void ScratchHome::discard(std::string_view name) noexcept {
  const std::string own(name);
  std::size_t budget =
      waiting() < kMaxWaiting ? kRemovedAtOnce : std::numeric_limits<std::size_t>::max();
  const auto removed = remove_tree(directory_.get(), own.c_str(), budget);
  if (!removed || *removed == Removal::complete) return;
  const std::string later = std::string(kDiscardedPrefix) + own;
  if (::renameat(directory_.get(), own.c_str(), directory_.get(), later.c_str()) == 0) ++waiting_;
}

void ScratchHome::tidy(std::size_t entries) noexcept {
  if (waiting() == 0) return;
  const Listing listing = list(directory_.get());
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get())) {
    if (!std::string_view(entry->d_name).starts_with(kDiscardedPrefix)) continue;
    const auto removed = remove_tree(directory_.get(), entry->d_name, entries);
    if (removed && *removed == Removal::partial) return;
    --waiting_;
  }
}

Result<std::size_t> sweep(int base) {
  const Listing listing = list(base);
  if (!listing) {
    return std::unexpected(errno_error(ErrorCode::io_error, "scratch directory", errno));
  }
  std::size_t removed = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    if (!std::string_view(entry->d_name).starts_with(kHomePrefix)) continue;
    const UniqueFd directory = open_directory(base, entry->d_name);
    if (!directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::size_t budget = std::numeric_limits<std::size_t>::max();
    const auto gone = remove_tree(base, entry->d_name, budget);
    if (gone && *gone == Removal::complete) ++removed;
  }
  return removed;
}

}  // namespace brink::wasi::files
