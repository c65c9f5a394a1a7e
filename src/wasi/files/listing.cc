// FileSpace::read_directory. Cookies: 0 stands before ".", 1 before "..", 2 + i
// before the i-th name of the tree; 2 + their number means the start of the host's
// entries. With the top bit set the rest is a position in the main directory: the
// lower one where there is one, else the upper one. With the next bit it is a hash:
// the names of an upper directory that the lower one does not have come last, in
// the order of their hashes.
//
// A name stands where the lower directory has it even when the scratch directory
// has come to have it, too: copying a file while it is listed must not lose it.

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"
#include "wasi/files/host_listing.h"
#include "wasi/files/path_key.h"

namespace brink::wasi::files {
namespace {

constexpr std::uint64_t kMainCookie = std::uint64_t{1} << 63;
constexpr std::uint64_t kHashCookie = std::uint64_t{1} << 62;
constexpr std::uint64_t kDots = 2;
/// Names of an upper directory that one pass over it brings into order.
constexpr std::size_t kWindow = 128;

struct Hashed {
  std::uint64_t hash = 0;
  std::uint64_t ino = 0;
  FileType type = FileType::unknown;
  std::string name;
};

/// Below kHashCookie, with room for one more.
std::uint64_t cookie_hash(std::string_view name) { return name_hash(name) & (kHashCookie - 2); }

/// A descriptor with a position of its own for reading entries.
UniqueFd open_for_listing(int directory) {
  return UniqueFd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

/// One call of read_directory.
class Listing {
 public:
  Listing(FileSpace& space, Directory& directory, DirectorySink& sink)
      : space_(space),
        directory_(directory),
        sink_(sink),
        node_(directory.node_),
        path_(directory.path_ == "/" ? "" : directory.path_) {}

  Outcome<void> run(std::uint64_t cookie);

 private:
  enum class Next : std::uint8_t { more, stop };
  Outcome<void> open();
  Outcome<Next> list_tree(std::uint64_t cookie);
  Outcome<Next> list_main(std::uint64_t position);
  Outcome<Next> list_rest(std::uint64_t hash);
  Outcome<std::vector<Hashed>> window(std::uint64_t from);
  [[nodiscard]] bool is_shown(HostEntry& entry) const;
  [[nodiscard]] bool has_node(std::string_view name) const {
    return node_ != nullptr && node_->child(name) != nullptr;
  }
  Next give(const DirectoryEntry& entry) {
    return sink_.take(entry) == DirectorySink::Answer::stop ? Next::stop : Next::more;
  }

  FileSpace& space_;
  Directory& directory_;
  DirectorySink& sink_;
  const Node* node_;
  std::string path_;
  int lower_ = -1;
  int upper_ = -1;
  bool is_layered_ = false;
  bool shows_lower_ = true;
};

Outcome<void> Listing::open() {
  lower_ = directory_.lower_.get();
  if (lower_ < 0) {
    if (!directory_.listing_ && space_.lower_of(directory_) >= 0) {
      directory_.listing_ = open_for_listing(space_.lower_of(directory_));
      if (!directory_.listing_) return host_failure();
    }
    lower_ = directory_.listing_.get();
  }
  is_layered_ = space_.is_layered(directory_.region_);
  if (!is_layered_) return {};
  UniqueFd owned;
  const auto upper = space_.upper_of(directory_, owned);
  if (!upper) {
    // Removed: nothing is left in it.
    shows_lower_ = false;
    return {};
  }
  shows_lower_ = upper->shows_lower;
  if (directory_.upper_) {
    upper_ = directory_.upper_.get();
  } else if (upper->upper >= 0) {
    if (!directory_.upper_listing_) directory_.upper_listing_ = open_for_listing(upper->upper);
    if (!directory_.upper_listing_) return host_failure();
    upper_ = directory_.upper_listing_.get();
  }
  return {};
}

Outcome<void> Listing::run(std::uint64_t cookie) {
  const std::uint64_t known = node_ != nullptr ? node_->children.size() : 0;
  if (cookie > kDots + known && cookie < kHashCookie) return refuse(Errno::inval);
  if (auto opened = open(); !opened) return opened;
  const bool is_hash = cookie >= kHashCookie && cookie < kMainCookie;
  if (is_hash && (!is_layered_ || lower_ < 0)) return refuse(Errno::inval);
  if (cookie < kHashCookie) {
    const auto next = list_tree(cookie);
    if (!next) return refuse(next.error());
    if (*next == Next::stop) return {};
    cookie = kMainCookie;
  }
  if (cookie >= kMainCookie) {
    const auto next = list_main(cookie - kMainCookie);
    if (!next) return refuse(next.error());
    if (*next == Next::stop) return {};
    cookie = kHashCookie;
  }
  const auto next = list_rest(cookie - kHashCookie);
  if (!next) return refuse(next.error());
  return {};
}

Outcome<Listing::Next> Listing::list_tree(std::uint64_t cookie) {
  const std::uint64_t known = node_ != nullptr ? node_->children.size() : 0;
  for (; cookie < kDots + known; ++cookie) {
    DirectoryEntry entry;
    entry.next = cookie + 1;
    entry.type = FileType::directory;
    if (cookie < kDots) {
      const auto self = space_.stat(directory_);
      if (!self) return refuse(self.error());
      // What is above is not for every guest to know; a number of 0 would cost it
      // a call that may fail.
      entry.ino = self->ino;
      entry.name = cookie == 0 ? "." : "..";
      if (give(entry) == Next::stop) return Next::stop;
      continue;
    }
    const Node& child = *node_->children[cookie - kDots];
    Filestat there = space_.stat_of(child);
    if (child.kind == Node::Kind::file && space_.scratch_now() != nullptr) {
      const auto written = stat_at(upper_, child.name.c_str());
      if (!written && space_.scratch_now()->is_marked(path_, child.name)) continue;
      if (written) there = to_filestat(*written);
    }
    entry.ino = there.ino;
    entry.type = there.type;
    entry.name = child.name;
    if (give(entry) == Next::stop) return Next::stop;
  }
  return Next::more;
}

/// Whether an entry of the main directory is one of the guest's; then `entry` is
/// what the scratch directory made of it.
bool Listing::is_shown(HostEntry& entry) const {
  if (has_node(entry.name)) return false;
  if (!is_layered_ || lower_ < 0 || space_.scratch_now() == nullptr) return true;
  const bool is_hidden = space_.scratch_now()->is_marked(path_, entry.name);
  const auto written =
      upper_ >= 0 ? stat_at(upper_, entry.name.data()) : Outcome<struct stat>(refuse(Errno::noent));
  if (!written) return !is_hidden;
  const FileType type = file_type(written->st_mode);
  const bool is_merged = type == FileType::directory && entry.type == type && !is_hidden;
  if (!is_merged) entry.ino = written->st_ino;
  entry.type = type;
  return true;
}

Outcome<Listing::Next> Listing::list_main(std::uint64_t position) {
  const int main = lower_ >= 0 ? lower_ : upper_;
  if (main < 0 || (lower_ >= 0 && !shows_lower_)) return Next::more;
  HostListing listing(main);
  if (auto started = listing.start(position); !started) return refuse(started.error());
  HostEntry entry;
  for (;;) {
    const auto more = listing.next(entry);
    if (!more) return refuse(more.error());
    if (!*more) return Next::more;
    if (!is_shown(entry)) continue;
    const DirectoryEntry shown{.next = kMainCookie | static_cast<std::uint64_t>(entry.next),
                               .ino = entry.ino,
                               .type = entry.type,
                               .name = entry.name};
    if (give(shown) == Next::stop) return Next::stop;
  }
}

/// The upper directory's names with the lowest hashes from `from` on, in order.
Outcome<std::vector<Hashed>> Listing::window(std::uint64_t from) {
  const auto less = [](const Hashed& one, const Hashed& other) { return one.hash < other.hash; };
  std::vector<Hashed> lowest;  // a heap, the highest first
  HostListing listing(upper_);
  if (auto started = listing.start(0); !started) return refuse(started.error());
  HostEntry entry;
  for (;;) {
    const auto more = listing.next(entry);
    if (!more) return refuse(more.error());
    if (!*more) break;
    const std::uint64_t hash = cookie_hash(entry.name);
    if (hash < from || has_node(entry.name)) continue;
    if (lowest.size() == kWindow) {
      if (hash >= lowest.front().hash) continue;
      std::ranges::pop_heap(lowest, less);
      lowest.pop_back();
    }
    lowest.push_back({hash, entry.ino, entry.type, std::string(entry.name)});
    std::ranges::push_heap(lowest, less);
  }
  std::ranges::sort_heap(lowest, less);
  return lowest;
}

Outcome<Listing::Next> Listing::list_rest(std::uint64_t hash) {
  if (lower_ < 0 || upper_ < 0) return Next::more;
  for (;;) {
    const auto names = window(hash);
    if (!names) return refuse(names.error());
    for (const Hashed& entry : *names) {
      hash = entry.hash + 1;
      if (stat_at(lower_, entry.name.c_str())) continue;  // has been in the main part
      const DirectoryEntry shown{
          .next = kHashCookie | hash, .ino = entry.ino, .type = entry.type, .name = entry.name};
      if (give(shown) == Next::stop) return Next::stop;
    }
    if (names->size() < kWindow) return Next::more;
  }
}

Outcome<void> FileSpace::read_directory(Directory& directory, std::uint64_t cookie,
                                        DirectorySink& sink) {
  return Listing(*this, directory, sink).run(cookie);
}

}  // namespace brink::wasi::files
