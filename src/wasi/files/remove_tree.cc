#include "wasi/files/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "wasi/files/host_call.h"

namespace brink::wasi::files {
namespace {

struct CloseListing {
  void operator()(DIR* listing) const { ::closedir(listing); }
};
using Listing = std::unique_ptr<DIR, CloseListing>;

Listing list(int parent, const char* name) {
  UniqueFd directory(
      ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!directory) return nullptr;
  Listing listing(::fdopendir(directory.get()));
  if (listing) static_cast<void>(directory.release());
  return listing;
}

bool is_dots(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/// Moves the directory `name` of `from` to a fresh name in `top`.
Outcome<void> move_up(int from, const char* name, int top, std::uint64_t& counter) {
  for (;;) {
    const std::string target = ".moved." + std::to_string(counter++);
    if (::renameat2(from, name, top, target.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EEXIST) return host_failure();
  }
}

class Remover {
 public:
  Remover(int top, std::size_t& budget) : top_(top), budget_(budget) {}

  /// Empties the directory `name` of the top, except for directories in it, which
  /// become neighbours of it; then removes it.
  Outcome<Removal> remove_inner(const char* name) {
    const Listing inner = list(top_, name);
    if (!inner) return host_failure();
    const int directory = ::dirfd(inner.get());
    while (const dirent* entry = ::readdir(inner.get())) {
      if (is_dots(entry->d_name)) continue;
      if (budget_ == 0) return Removal::partial;
      --budget_;
      if (::unlinkat(directory, entry->d_name, 0) == 0) continue;
      if (errno != EISDIR) return host_failure();
      if (::unlinkat(directory, entry->d_name, AT_REMOVEDIR) == 0) continue;
      if (errno != ENOTEMPTY) return host_failure();
      if (auto moved = move_up(directory, entry->d_name, top_, counter_); !moved) {
        return refuse(moved.error());
      }
    }
    if (::unlinkat(top_, name, AT_REMOVEDIR) == 0) return Removal::complete;
    // The listing missed an entry that was there: the next pass over the top sees it.
    return errno == ENOTEMPTY ? Outcome<Removal>(Removal::complete) : host_failure();
  }

 private:
  int top_;
  std::size_t& budget_;
  std::uint64_t counter_ = 0;
};

/// One pass over the top; directories moved up meanwhile may need another.
Outcome<Removal> remove_pass(DIR* top, std::size_t& budget, bool& found) {
  const int directory = ::dirfd(top);
  Remover remover(directory, budget);
  found = false;
  ::rewinddir(top);
  while (const dirent* entry = ::readdir(top)) {
    if (is_dots(entry->d_name)) continue;
    found = true;
    if (budget == 0) return Removal::partial;
    --budget;
    if (::unlinkat(directory, entry->d_name, 0) == 0) continue;
    if (errno == ENOENT) continue;
    if (errno != EISDIR) return host_failure();
    const auto inner = remover.remove_inner(entry->d_name);
    if (!inner || *inner == Removal::partial) return inner;
  }
  return Removal::complete;
}

}  // namespace

Outcome<Removal> remove_tree(int parent, const char* name, std::size_t& budget) {
  const Listing top = list(parent, name);
  if (!top) return host_failure();
  bool found = true;
  while (found) {
    const auto pass = remove_pass(top.get(), budget, found);
    if (!pass || *pass == Removal::partial) return pass;
  }
  if (::unlinkat(parent, name, AT_REMOVEDIR) != 0) return host_failure();
  return Removal::complete;
}

}  // namespace brink::wasi::files
