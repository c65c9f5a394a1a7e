#pragma once

#include <atomic>
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
struct Entry;

using Opened = std::variant<OpenFile, Directory, Device>;

/// What one guest instance sees of files: the places of its FileTree, and over all
/// of them but volumes a scratch directory of its own, which comes into being when
/// something is first written and vanishes with this object. So the guest may
/// write wherever it sees the package or nothing but the tree: a file of a lower
/// layer is copied when it is opened for writing, linked, moved or given other
/// times; one that is removed is hidden by a whiteout. Volumes are written to
/// directly, or EROFS. Constructing it is free: no system call, no allocation.
///
/// As with Linux's overlay file system: a handle that was opened before its file
/// was copied keeps the old file; a copied file has another inode number, a
/// directory keeps its own; moving a directory that the package has is EXDEV.
///
/// EAGAIN from open, link, rename and set_times means that a part of a large file
/// has been copied: the same call again goes on there, until it is done.
///
/// Every path goes through the one resolver (walk.h); no operation waits for
/// anything but a disk, follows a host link out of a layer, or opens what is not a
/// regular file, a directory or a device of the tree (ENXIO). Writing to a
/// read-only volume is EROFS, rename and link from one volume to another or to
/// the rest EXDEV, removing or renaming what the tree has EBUSY. The reasons for a
/// path itself: ENOENT when empty, ENAMETOOLONG, EILSEQ (not UTF-8; EINVAL for a
/// NUL), EPERM when it leads out of its sandbox, ELOOP after 40 links.
///
/// Safe from several threads at once, except as Directory says; and from forks of
/// the process, when require_scratch() was called before the first fork and the
/// counters lie in memory that they share.
class FileSpace {
 public:
  /// `tree`, `home` and `shared` outlive this. Without a home (null) nothing can
  /// be written but volumes. `shared` is for instances of several processes.
  FileSpace(const FileTree& tree, ScratchHome* home, QuotaLimits limits, PathRules rules,
            QuotaCounters* shared = nullptr) noexcept
      : tree_(tree), home_(home), limits_(limits), rules_(rules), shared_(shared) {}
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

  /// Makes something with a system call's shape: 0, or -1 and errno. `directory`
  /// is a real directory, `name` one component that is not there yet.
  using NameMaker = std::function<int(int directory, const std::string& name)>;
  /// Makes the socket of a path by `make`, which binds it there: EEXIST when there
  /// is anything already.
  Outcome<void> make_socket(const Directory& at, std::string_view path, const NameMaker& make);
  /// Where an existing name is on the host, links followed, for connect(2) and its
  /// like: the socket of `directory`/`name`. ENOTSOCK for anything else.
  struct SocketPlace {
    UniqueFd directory;  ///< O_PATH
    std::string name;    ///< one component
  };
  Outcome<SocketPlace> find_socket(const Directory& at, std::string_view path);

  /// Hands the entries from `cookie` on (0: the first) to `sink` until it stops or
  /// none is left. Cookies stay good while entries come and go; see listing.cc.
  Outcome<void> read_directory(Directory& directory, std::uint64_t cookie, DirectorySink& sink);

  /// Waits for the disk: for an executor that may block.
  Outcome<void> sync(const Directory& directory);
  /// What fsync takes for it; empty when there is nothing to sync.
  [[nodiscard]] Outcome<UniqueFd> open_to_sync(const Directory& directory) const;

  /// Makes the scratch directory exist: before the process forks, so that both
  /// have the same. EROFS without a home.
  Outcome<void> require_scratch();
  /// Null while nothing has been written.
  [[nodiscard]] const Scratch* scratch() const noexcept { return scratch_now(); }

 private:
  friend class Walk;
  friend class Opening;
  friend class CopyUp;
  friend class Listing;

  /// What is written in a place of this region goes to the scratch directory.
  [[nodiscard]] static bool is_layered(const Layer* region) noexcept {
    return region == nullptr || region->origin != Origin::volume;
  }
  [[nodiscard]] Scratch* scratch_now() const noexcept { return ready_.load(); }
  [[nodiscard]] bool has_markers() const noexcept;
  /// Whether a whiteout has been put at an absolute path.
  [[nodiscard]] bool is_removed(std::string_view path) const;
  /// The upper tree's directories; -1 and none while there is no such.
  [[nodiscard]] int upper_root() const noexcept;
  [[nodiscard]] UniqueFd open_upper(const std::string& path) const noexcept;
  Outcome<UniqueFd> make_upper(const Quota::Lock& held, const std::string& path);
  /// The root of a layer, -1 for one that the scratch directory is all of.
  [[nodiscard]] static int root_of(const Layer& layer) noexcept { return layer.root.get(); }
  [[nodiscard]] static int lower_of(const Directory& directory) noexcept;
  struct UpperOf {
    int upper = -1;
    bool shows_lower = true;
  };
  /// The upper directory of an open one, kept open by it or by `owned`. ENOENT if
  /// the directory has been removed.
  Outcome<UpperOf> upper_of(const Directory& directory, UniqueFd& owned) const;
  [[nodiscard]] Filestat stat_of(const Node& node) const;
  static Outcome<void> walk_to_parent(Walk& walk, std::string_view path);
  /// Makes the walk's last component, counting one inode and `bytes`.
  Outcome<void> make_name(Walk& walk, std::uint64_t bytes, const NameMaker& make);
  [[nodiscard]] Outcome<void> check_link_text(std::string_view text) const;
  /// What the walk's last component is, following it as said; never Place::none.
  static Outcome<Entry> examine(Walk& walk, Follow follow);
  Outcome<void> remove(Walk& walk, const Entry& entry, const Quota::Lock& held);
  Outcome<void> replace(Walk& source, Walk& target, const Quota::Lock& held);

  const FileTree& tree_;
  ScratchHome* home_;
  QuotaLimits limits_;
  PathRules rules_;
  QuotaCounters* shared_;
  std::mutex mutex_;  ///< guards scratch_ coming into being
  std::unique_ptr<Scratch> scratch_;
  std::atomic<Scratch*> ready_{nullptr};  ///< scratch_, for readers
};

}  // namespace brink::wasi::files
