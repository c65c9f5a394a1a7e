#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace brink::wasi::files {

/// One process's directory for the scratch directories of its instances:
/// <base>/<random>, held by flock for as long as the process (or a fork of it)
/// lives, so that sweep() knows what a killed process left behind. Thread-safe.
class ScratchHome {
 public:
  /// Makes the directory in `base`, any descriptor of a directory.
  static Result<ScratchHome> create(int base);
  /// Removes the directory and what is still in it.
  ~ScratchHome();
  ScratchHome(ScratchHome&& other) noexcept;
  ScratchHome& operator=(ScratchHome&&) = delete;

  [[nodiscard]] int directory() const noexcept { return directory_.get(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// A name for a directory in here that no other call returned.
  [[nodiscard]] std::string next_name();

  /// Takes over a directory in here that is no longer used, and removes it: at
  /// once if it is small, else a part of it; tidy() does the rest. With kMaxWaiting
  /// of them waiting, at once in any case.
  void discard(std::string_view name) noexcept;
  /// Removes at most about `entries` files of discarded directories: for the
  /// event loop's idle moments.
  void tidy(std::size_t entries) noexcept;
  /// Discarded directories that tidy() has still to remove.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(); }

  static constexpr std::size_t kRemovedAtOnce = 256;
  static constexpr std::size_t kMaxWaiting = 16;

 private:
  ScratchHome(UniqueFd base, std::string name, UniqueFd directory);

  UniqueFd base_;
  std::string name_;
  UniqueFd directory_;
  pid_t owner_;
  std::atomic<std::uint64_t> counter_{0};
  std::atomic<std::size_t> waiting_{0};
};

/// Removes from `base` the directories of processes that are gone. Never follows
/// a link, leaves alone what a living process holds. Returns how many it removed.
Result<std::size_t> sweep(int base);

}  // namespace brink::wasi::files
