#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "wasi/files/file_space.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {

/// Brings what a lower layer has into the scratch directory, where it can be
/// changed. A file is copied aside, at most kStep bytes per call, and appears
/// under its name when it is complete, with the times it had; what has been copied
/// so far is on the disk, so that any thread or process of the instance may go on.
/// Lives as long as the quota is locked.
class CopyUp {
 public:
  CopyUp(FileSpace& space, const Quota::Lock& held) noexcept : space_(space), held_(held) {}

  /// A host call must not hold up its worker.
  static constexpr std::size_t kStep = std::size_t{1} << 20;

  enum class What : std::uint8_t {
    anything,
    names,  ///< EXDEV for a directory that a lower layer has
  };
  /// Makes sure that the last component of `walk` is in the scratch directory, if
  /// its place has one: the directory it is in. EAGAIN when there is more to copy,
  /// ENOENT when it has gone meanwhile.
  Outcome<int> bring(Walk& walk, What what);

  /// An unfinished copy is of no use when the lower file is replaced or hidden.
  void forget(const Walk& walk);

 private:
  Outcome<void> copy_file(const Walk& walk, const Entry& entry, int directory);
  Outcome<void> copy_link(const Walk& walk, int directory);
  Outcome<void> make_directory(const Walk& walk, int directory);
  Outcome<UniqueFd> open_copy(const std::string& name);
  Outcome<std::uint64_t> copy_step(int source, int target, std::uint64_t size);
  [[nodiscard]] Scratch& scratch() const;

  FileSpace& space_;
  const Quota::Lock& held_;
};

}  // namespace brink::wasi::files
