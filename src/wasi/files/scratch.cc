#include "wasi/files/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "base/check.h"
#include "wasi/files/host_call.h"
#include "wasi/files/path_key.h"

namespace brink::wasi::files {
namespace {

constexpr std::string_view kMarker = "w.";
constexpr std::string_view kOrphan = "o.";
constexpr const char* kUpper = "u";

UniqueFd open_directory(int at, const char* name) {
  return UniqueFd(::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

std::string orphan_name(ino_t inode) { return std::string(kOrphan) + std::to_string(inode); }

std::uint64_t length_of(const struct stat& file) {
  return S_ISDIR(file.st_mode) ? 0 : static_cast<std::uint64_t>(file.st_size);
}

/// A handle of a file that nobody else has open: none if somebody has. Nobody
/// opens it before the quota is unlocked.
UniqueFd open_unused(int directory, const char* name) {
  UniqueFd file = open_beneath(directory, name, O_RDONLY);
  if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  return {};
}

}  // namespace

Outcome<std::unique_ptr<Scratch>> Scratch::create(ScratchHome& home, QuotaLimits limits,
                                                  QuotaCounters* shared) {
  std::string name = home.next_name();
  if (::mkdirat(home.directory(), name.c_str(), 0700) != 0) return host_failure();
  UniqueFd top = open_directory(home.directory(), name.c_str());
  if (!top || ::mkdirat(top.get(), kUpper, 0700) != 0) {
    const auto failure = host_failure();
    home.discard(name);
    return failure;
  }
  UniqueFd upper = open_directory(top.get(), kUpper);
  if (!upper) return host_failure();
  return std::unique_ptr<Scratch>(
      new Scratch(home, std::move(name), std::move(top), std::move(upper), limits, shared));
}

Scratch::Scratch(ScratchHome& home, std::string name, UniqueFd top, UniqueFd upper,
                 QuotaLimits limits, QuotaCounters* shared)
    : home_(home),
      name_(std::move(name)),
      top_(std::move(top)),
      upper_(std::move(upper)),
      owner_(::getpid()),
      own_(shared == nullptr ? std::make_unique<QuotaCounters>() : nullptr),
      quota_(limits, shared != nullptr ? *shared : *own_) {}

Scratch::~Scratch() {
  if (::getpid() == owner_) home_.discard(name_);
}

Outcome<void> Scratch::take(const Quota::Lock& held, std::uint64_t bytes, std::uint64_t inodes) {
  BRINK_CHECK(inodes <= 1);
  for (int attempt = 0;; ++attempt) {
    auto taken = quota_.take_bytes(held, bytes);
    if (taken && inodes > 0) {
      taken = quota_.take_inode(held);
      if (!taken) quota_.give_bytes(held, bytes);
    }
    if (taken || attempt > 0) return taken;
    reclaim(held);
  }
}

void Scratch::give(const Quota::Lock& held, std::uint64_t bytes, std::uint64_t inodes) {
  quota_.give_bytes(held, bytes);
  if (inodes > 0) quota_.give_inode(held);
}

bool Scratch::is_marked(std::string_view directory, std::string_view name) const {
  if (!has_markers()) return false;
  const std::string key = path_key(kMarker, directory, name);
  return ::faccessat(top_.get(), key.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Outcome<void> Scratch::mark(const Quota::Lock& held, std::string_view directory,
                            std::string_view name) {
  const std::string key = path_key(kMarker, directory, name);
  if (has_markers() && ::faccessat(top_.get(), key.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    return {};
  }
  if (auto taken = take(held, 0, 1); !taken) return taken;
  // Counted first: a reader that finds no markers does not look for this one.
  ++counters().markers;
  const UniqueFd made(::openat(top_.get(), key.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (made || errno == EEXIST) return {};
  const auto failure = host_failure();
  --counters().markers;
  give(held, 0, 1);
  return failure;
}

void Scratch::opened(const Quota::Lock& held, int descriptor) const {
  BRINK_CHECK(held.owns_lock());
  // Fails for no regular file of a file system that the home could be locked on.
  static_cast<void>(::flock(descriptor, LOCK_SH | LOCK_NB));
}

void Scratch::close(UniqueFd descriptor) {
  if (counters().orphans.load() == 0) return;
  const Quota::Lock held = quota_.lock();
  const auto file = stat_open(descriptor.get());
  descriptor.reset();
  if (file) reclaim_orphan(held, orphan_name(file->st_ino).c_str());
}

void Scratch::reclaim_orphan(const Quota::Lock& held, const char* name) {
  const UniqueFd unused = open_unused(top_.get(), name);
  if (!unused) return;
  const auto file = stat_open(unused.get());
  if (!file || ::unlinkat(top_.get(), name, 0) != 0) return;
  std::uint64_t before = counters().orphans.load();
  if (before > 0) counters().orphans = before - 1;
  if (file->st_nlink == 1) give(held, length_of(*file), 1);
}

void Scratch::reclaim(const Quota::Lock& held) {
  if (counters().orphans.load() == 0) return;
  UniqueFd again = open_directory(top_.get(), ".");
  DIR* const listing = again ? ::fdopendir(again.get()) : nullptr;
  if (listing == nullptr) return;
  static_cast<void>(again.release());
  std::vector<std::string> names;  // bounded by the inodes of the quota
  while (const dirent* entry = ::readdir(listing)) {
    if (std::string_view(entry->d_name).starts_with(kOrphan)) names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  for (const std::string& name : names) reclaim_orphan(held, name.c_str());
}

std::uint64_t Scratch::links_of(const struct stat& file) const {
  if (counters().orphans.load() == 0 || file.st_nlink == 0) return file.st_nlink;
  const bool is_orphan =
      ::faccessat(top_.get(), orphan_name(file.st_ino).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  return is_orphan ? file.st_nlink - 1 : file.st_nlink;
}

Scratch::Loss Scratch::losing(const Quota::Lock& held, int directory, const char* name,
                              const struct stat& file) {
  BRINK_CHECK(held.owns_lock());
  if (S_ISDIR(file.st_mode)) return {.bytes = 0, .inodes = 1, .orphan = {}};
  if (file.st_nlink > 1) return {};
  Loss all{.bytes = length_of(file), .inodes = 1, .orphan = {}};
  if (!S_ISREG(file.st_mode) || open_unused(directory, name)) return all;
  Loss loss{.bytes = 0, .inodes = 0, .orphan = orphan_name(file.st_ino)};
  ++counters().orphans;
  if (::linkat(directory, name, top_.get(), loss.orphan.c_str(), 0) == 0) return loss;
  --counters().orphans;
  return {};  // stays counted
}

void Scratch::lost(const Quota::Lock& held, const Loss& loss, Done done) {
  if (done == Done::yes) {
    give(held, loss.bytes, loss.inodes);
    return;
  }
  if (loss.orphan.empty()) return;
  static_cast<void>(::unlinkat(top_.get(), loss.orphan.c_str(), 0));
  --counters().orphans;
}

}  // namespace brink::wasi::files
