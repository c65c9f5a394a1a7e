#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "wasi/files/directory.h"
#include "wasi/files/file_tree.h"
#include "wasi/files/open_file.h"
#include "wasi/files/scratch.h"
#include "wasi/files/types.h"

namespace brink::wasi::files {

class Walk;

using Opened = std::variant<OpenFile, Directory, Device>;

/// What one guest instance sees of files: the layers of its FileTree (mounts over
/// scratch over package) and a scratch directory of its own at /tmp, which comes
/// into being when something is first put there and vanishes with this object.
/// Constructing it is free: no system call, no allocation.
///
/// Every path goes through the one resolver (walk.h); no operation waits for
/// anything but a disk, follows a host link out of a layer, or opens what is not a
/// regular file, a directory or a device of the tree (ENXIO). Writing to a
/// read-only layer is EROFS, rename and link from one layer to another EXDEV,
/// removing or renaming a mount point EBUSY. The reasons for a path itself:
/// ENOENT when empty, ENAMETOOLONG, EILSEQ (not UTF-8; EINVAL for a NUL), EPERM
/// when it leads out of its sandbox, ELOOP after 40 links.
///
/// Safe from several threads at once, except as Directory says.
class FileSpace {
 public:
  /// `tree` and `home` outlive this. Without a home (null) /tmp is read-only.
  FileSpace(const FileTree& tree, ScratchHome* home, QuotaLimits limits, PathRules rules) noexcept
      : tree_(tree), home_(home), limits_(limits), rules_(rules) {}
  FileSpace(const FileSpace&) = delete;
  FileSpace& operator=(const FileSpace&) = delete;

  [[nodiscard]] const FileTree& tree() const noexcept { return tree_; }
  [[nodiscard]] PathRules rules() const noexcept { return rules_; }
  /// The directory of tree().preopens()[index]; no system call.
  [[nodiscard]] Directory preopen(std::size_t index) const;

  Outcome<Opened> open(const Directory& at, std::string_view path, const OpenOptions& options);

  /// A regular file that another process of the family has opened in a FileSpace
  /// with the same scratch directory. INVAL for anything else.
  Outcome<OpenFile> adopt(UniqueFd descriptor, Access access, Counted counted, Append append);

  Outcome<Filestat> stat(const Directory& at, std::string_view path, Follow follow);
  Outcome<Filestat> stat(const Directory& directory);
  Outcome<void> set_times(const Directory& at, std::string_view path, Follow follow,
                          const Times& times);
  Outcome<void> set_times(const Directory& directory, const Times& times);
  /// The link's text; EINVAL for what is no link.
  Outcome<std::string> readlink(const Directory& at, std::string_view path);

  Outcome<void> mkdir(const Directory& at, std::string_view path);
  Outcome<void> rmdir(const Directory& at, std::string_view path);
  /// EISDIR for a directory.
  Outcome<void> unlink(const Directory& at, std::string_view path);
  Outcome<void> rename(const Directory& from, std::string_view old_path, const Directory& to,
                       std::string_view new_path);
  Outcome<void> link(const Directory& from, std::string_view old_path, Follow follow,
                     const Directory& to, std::string_view new_path);
  /// The text is kept as it is; an absolute one is EPERM under `capability` rules.
  Outcome<void> symlink(std::string_view text, const Directory& at, std::string_view path);

  /// Hands the entries from `cookie` on (0: the first) to `sink` until it stops or
  /// none is left. Cookies stay good while entries come and go: those of "." and
  /// ".." and of names of the tree are fixed, the others are the file system's.
  Outcome<void> read_directory(Directory& directory, std::uint64_t cookie, DirectorySink& sink);

  /// Waits for the disk: for an executor that may block.
  Outcome<void> sync(const Directory& directory);
  /// What fsync takes for it; empty when there is nothing to sync.
  [[nodiscard]] Outcome<UniqueFd> open_to_sync(const Directory& directory) const;

  /// Null while nothing has been put into /tmp.
  [[nodiscard]] const Scratch* scratch() const noexcept;

 private:
  friend class Walk;
  friend class Opening;

  /// The root of a layer, -1 for a scratch directory that does not exist yet.
  [[nodiscard]] int root_of(const Layer& layer) const noexcept;
  [[nodiscard]] int descriptor_of(const Directory& directory) const noexcept;
  [[nodiscard]] Quota* quota_of(const Layer* layer) noexcept;
  /// Makes the scratch directory exist.
  Outcome<int> make_scratch();
  [[nodiscard]] Filestat stat_of(const Node& node) const;
  static Outcome<void> walk_to_parent(Walk& walk, std::string_view path);
  /// Makes the walk's last component with `make`, a system call's shape, counting
  /// one inode and `bytes`.
  using NameMaker = std::function<int(int directory, const std::string& name)>;
  Outcome<void> make_name(Walk& walk, std::uint64_t bytes, const NameMaker& make);
  [[nodiscard]] Outcome<void> check_link_text(std::string_view text) const;
  /// For reading entries; -1 for a directory that the tree only knows.
  Outcome<int> listing_of(Directory& directory) const;
  /// What the walk's last component is, following it as said.
  Outcome<Filestat> examine(Walk& walk, Follow follow) const;

  const FileTree& tree_;
  ScratchHome* home_;
  QuotaLimits limits_;
  PathRules rules_;
  mutable std::mutex mutex_;  ///< guards scratch_ coming into being
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace brink::wasi::files
