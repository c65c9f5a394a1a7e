// FileSpace's side of the scratch directory: when it comes into being, and which
// of its directories belongs to which guest directory.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"
#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // less the umask

UniqueFd open_step(int directory, const char* name) {
  return UniqueFd(::openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace

Outcome<void> FileSpace::require_scratch() {
  if (scratch_now() != nullptr) return {};
  const std::lock_guard held(mutex_);
  if (scratch_ != nullptr) return {};
  if (home_ == nullptr) return refuse(Errno::rofs);
  auto made = Scratch::create(*home_, limits_, shared_);
  if (!made) return refuse(made.error());
  scratch_ = std::move(*made);
  ready_.store(scratch_.get());
  return {};
}

bool FileSpace::has_markers() const noexcept {
  const Scratch* scratch = scratch_now();
  return scratch != nullptr && scratch->has_markers();
}

bool FileSpace::is_removed(std::string_view path) const {
  if (!has_markers()) return false;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return false;
  return scratch_now()->is_marked(path.substr(0, slash), path.substr(slash + 1));
}

int FileSpace::upper_root() const noexcept {
  const Scratch* scratch = scratch_now();
  return scratch != nullptr ? scratch->upper() : -1;
}

UniqueFd FileSpace::open_upper(const std::string& path) const noexcept {
  const int root = upper_root();
  if (root < 0) return {};
  return open_beneath(root, path.size() > 1 ? path.c_str() + 1 : ".", O_PATH | O_DIRECTORY);
}

int FileSpace::lower_of(const Directory& directory) noexcept {
  if (directory.lower_) return directory.lower_.get();
  const bool is_root = directory.node_ != nullptr && directory.node_->layer != nullptr;
  return is_root ? root_of(*directory.node_->layer) : -1;
}

Outcome<FileSpace::UpperOf> FileSpace::upper_of(const Directory& directory, UniqueFd& owned) const {
  if (!is_layered(directory.region_)) return UpperOf{};
  const bool has_lower = directory.lower_ && directory.node_ == nullptr;
  const bool was_removed = has_lower && is_removed(directory.path_);
  if (directory.upper_) {
    return UpperOf{.upper = directory.upper_.get(), .shows_lower = !was_removed};
  }
  // What is at the path now is another directory.
  if (was_removed) return refuse(Errno::noent);
  if (directory.path_ == "/") return UpperOf{.upper = upper_root()};
  owned = open_upper(directory.path_);
  return UpperOf{.upper = owned.get()};
}

/// Makes the directories on the way as far as they are missing. One that has been
/// removed since the caller saw it must not come back.
Outcome<UniqueFd> FileSpace::make_upper(const Quota::Lock& held, const std::string& path) {
  Scratch& scratch = *scratch_now();
  UniqueFd at = open_step(scratch.upper(), ".");
  if (!at) return host_failure();
  std::string_view rest = path;
  for (auto name = take_component(rest); !name.empty(); name = take_component(rest)) {
    const std::string own(name);
    UniqueFd next = open_step(at.get(), own.c_str());
    if (!next && errno == ENOENT) {
      const auto start = static_cast<std::size_t>(name.data() - path.data());
      const std::string_view so_far(path.data(), start + name.size());
      if (scratch.is_marked(so_far.substr(0, start - 1), name)) return refuse(Errno::noent);
      // What the tree has anyway does not count.
      const Node* node = tree_.find(so_far);
      const std::uint64_t inodes = node != nullptr && node->kind == Node::Kind::directory ? 0 : 1;
      if (auto taken = scratch.take(held, 0, inodes); !taken) return refuse(taken.error());
      if (::mkdirat(at.get(), own.c_str(), kDirectoryMode) != 0) {
        const auto failure = host_failure();
        scratch.give(held, 0, inodes);
        return failure;
      }
      next = open_step(at.get(), own.c_str());
    }
    if (!next) return host_failure();
    at = std::move(next);
  }
  return at;
}

}  // namespace brink::wasi::files
