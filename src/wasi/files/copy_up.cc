#include "wasi/files/copy_up.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "wasi/files/host_call.h"
#include "wasi/files/path_key.h"

namespace brink::wasi::files {
namespace {

constexpr std::string_view kCopy = "c.";
constexpr mode_t kFileMode = 0666;       // less the umask
constexpr mode_t kDirectoryMode = 0777;  // less the umask
constexpr std::size_t kBuffer = std::size_t{64} << 10;

std::uint64_t size_of(const struct stat& file) { return static_cast<std::uint64_t>(file.st_size); }

/// Where the kernel cannot copy from one file system to another.
Outcome<std::size_t> copy_through_memory(int from, int to, std::uint64_t offset,
                                         std::size_t length) {
  std::array<char, kBuffer> buffer;
  const auto at = static_cast<off_t>(offset);
  const auto got = ::pread(from, buffer.data(), std::min(length, buffer.size()), at);
  if (got < 0) return host_failure();
  const auto put = ::pwrite(to, buffer.data(), static_cast<std::size_t>(got), at);
  if (put < 0) return host_failure();
  return static_cast<std::size_t>(put);
}

Outcome<std::size_t> copy_some(int from, int to, std::uint64_t offset, std::size_t length) {
  auto from_at = static_cast<off_t>(offset);
  auto to_at = static_cast<off_t>(offset);
  const auto done = ::copy_file_range(from, &from_at, to, &to_at, length, 0);
  if (done > 0) return static_cast<std::size_t>(done);
  return copy_through_memory(from, to, offset, length);
}

}  // namespace

Scratch& CopyUp::scratch() const { return *space_.scratch_now(); }

Outcome<int> CopyUp::bring(Walk& walk, What what) {
  const auto entry = walk.look();
  if (!entry) return refuse(entry.error());
  using Place = Entry::Place;
  if (entry->place == Place::none) return refuse(Errno::noent);
  if (!walk.is_layered()) return walk.lower();
  if (what == What::names && entry->is_directory() &&
      (entry->place == Place::lower || entry->is_merged)) {
    return refuse(Errno::xdev);
  }
  if (entry->place == Place::upper) return walk.upper();
  const auto directory = walk.for_creation(held_);
  if (!directory) return directory;
  Outcome<void> brought = refuse(Errno::nxio);
  if (entry->is_file()) brought = copy_file(walk, *entry, *directory);
  if (entry->is_link()) brought = copy_link(walk, *directory);
  if (entry->is_directory()) brought = make_directory(walk, *directory);
  if (!brought) return refuse(brought.error());
  return directory;
}

Outcome<void> CopyUp::copy_file(const Walk& walk, const Entry& entry, int directory) {
  const std::string copy = path_key(kCopy, walk.path(), walk.name());
  UniqueFd opened;
  int source = -1;
  if (entry.place == Entry::Place::provided) {
    source = walk.named_node()->content.get();
  } else {
    opened = open_beneath(walk.lower(), walk.name().c_str(), O_RDONLY);
    if (!opened) return host_failure();
    source = opened.get();
  }
  const auto original = stat_open(source);
  if (!original) return refuse(original.error());
  const std::uint64_t size = size_of(*original);
  const auto target = open_copy(copy);
  if (!target) return refuse(target.error());
  const auto done = copy_step(source, target->get(), size);
  if (!done) return refuse(done.error());
  if (*done < size) return refuse(Errno::again);
  const std::array<timespec, 2> times = {original->st_atim, original->st_mtim};
  if (::futimens(target->get(), times.data()) != 0 ||
      ::renameat2(scratch().top(), copy.c_str(), directory, walk.name().c_str(),
                  RENAME_NOREPLACE) != 0) {
    return host_failure();
  }
  --scratch().quota().counters().copies;
  return {};
}

/// The copy as far as it has come.
Outcome<UniqueFd> CopyUp::open_copy(const std::string& name) {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd copy(::openat(scratch().top(), name.c_str(), kFlags));
  if (copy) return copy;
  if (errno != ENOENT) return host_failure();
  if (auto taken = scratch().take(held_, 0, 1); !taken) return refuse(taken.error());
  ++scratch().quota().counters().copies;
  copy = UniqueFd(::openat(scratch().top(), name.c_str(), kFlags | O_CREAT | O_EXCL, kFileMode));
  if (copy) return copy;
  const auto failure = host_failure();
  --scratch().quota().counters().copies;
  scratch().give(held_, 0, 1);
  return failure;
}

/// How long the copy is afterwards. Counted as it grows, but a file that will not
/// fit is refused before any of it is copied.
Outcome<std::uint64_t> CopyUp::copy_step(int source, int target, std::uint64_t size) {
  const auto so_far = stat_open(target);
  if (!so_far) return refuse(so_far.error());
  std::uint64_t done = size_of(*so_far);
  if (done >= size) return done;
  if (auto fits = scratch().take(held_, size - done, 0); !fits) return refuse(fits.error());
  std::uint64_t counted = size - done;
  const std::uint64_t end = std::min(size, done + kStep);
  Outcome<std::uint64_t> result = end;
  while (done < end && result) {
    const auto copied = copy_some(source, target, done, end - done);
    if (!copied) {
      result = refuse(copied.error());
    } else if (*copied == 0) {
      result = refuse(Errno::io);  // cut by somebody on the host
    } else {
      done += *copied;
      counted -= *copied;
    }
  }
  scratch().give(held_, counted, 0);
  return result;
}

Outcome<void> CopyUp::copy_link(const Walk& walk, int directory) {
  const auto text = read_link(walk.lower(), walk.name().c_str());
  if (!text) return refuse(text.error());
  if (auto taken = scratch().take(held_, text->size(), 1); !taken) return taken;
  if (::symlinkat(text->c_str(), directory, walk.name().c_str()) == 0) return {};
  const auto failure = host_failure();
  scratch().give(held_, text->size(), 1);
  return failure;
}

Outcome<void> CopyUp::make_directory(const Walk& walk, int directory) {
  if (auto taken = scratch().take(held_, 0, 1); !taken) return taken;
  if (::mkdirat(directory, walk.name().c_str(), kDirectoryMode) == 0) return {};
  const auto failure = host_failure();
  scratch().give(held_, 0, 1);
  return failure;
}

void CopyUp::forget(const Walk& walk) {
  if (!walk.is_layered() || scratch().quota().counters().copies.load() == 0) return;
  const std::string copy = path_key(kCopy, walk.path(), walk.name());
  const auto file = stat_at(scratch().top(), copy.c_str());
  if (!file || ::unlinkat(scratch().top(), copy.c_str(), 0) != 0) return;
  --scratch().quota().counters().copies;
  scratch().give(held_, size_of(*file), 1);
}

}  // namespace brink::wasi::files
