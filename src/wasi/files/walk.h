#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/files/directory.h"
#include "wasi/files/file_space.h"
#include "wasi/files/types.h"

namespace brink::wasi::files {

/// What a name is, links unfollowed.
struct Entry {
  enum class Place : std::uint8_t {
    none,
    tree,      ///< a mount point, device or directory of the tree
    provided,  ///< a file of the tree
    lower,     ///< in the mount or package
    upper,     ///< in the scratch directory
  };
  Place place = Place::none;
  struct stat host{};           ///< unless none or tree
  bool is_merged = false;       ///< an upper directory that shows a lower one's names
  std::uint64_t lower_dev = 0;  ///< of that one: a directory keeps its numbers
  std::uint64_t lower_ino = 0;

  [[nodiscard]] bool is_link() const { return is(S_IFLNK); }
  [[nodiscard]] bool is_directory() const { return place == Place::tree || is(S_IFDIR); }
  [[nodiscard]] bool is_file() const { return is(S_IFREG); }
  /// As a guest is to see it; not for the tree's.
  [[nodiscard]] Filestat stat() const;

 private:
  [[nodiscard]] bool is(mode_t type) const {
    return place > Place::tree && (host.st_mode & S_IFMT) == type;
  }
};

/// The one resolver: takes a path apart until its last component is left, which
/// it never opens or follows by itself. The caller asks what that component is
/// (look), acts on it with a system call that follows no link, and on finding a
/// link says follow_last().
///
/// The layers are merged at every component: names of the tree, then of the
/// instance's scratch directory ("upper"), then those of the mount or package
/// ("lower") unless a whiteout hides them. Volumes have no upper. As much as
/// possible goes to the kernel in one openat2 per layer that can neither leave the
/// layer nor meet a link; where that fails, single steps, each opening one
/// directory without following links. A step only ever goes from a directory to
/// something in it, and ".." is answered from the guest's path, not by the kernel:
/// so whatever other processes do to a layer meanwhile, the walk stays below the
/// layers' roots.
///
/// Bounds: 40 links, 4096 steps, 4095 bytes of path left at any time.
class Walk {
 public:
  /// `at` and `space` outlive the walk. The first call is begin().
  Walk(FileSpace& space, const Directory& at) noexcept : space_(space), at_(at) {}

  Outcome<void> begin(std::string_view path);

  /// What is left of the path when all of it is below lower(), without "..", and
  /// nothing upper or hidden can be on the way, so that one openat2 may open it;
  /// otherwise null. Ends with a slash where the path did.
  [[nodiscard]] const char* whole_rest();

  /// Walks to the directory of the last component.
  Outcome<void> to_parent();
  /// The last component turned out to be a link: goes to the parent of its target.
  Outcome<void> follow_last();
  /// The last component is a directory of the tree: goes into it, name() is empty then.
  Outcome<void> enter_last();

  /// The directory the walk has come to, in the mount or package and in the
  /// scratch directory; -1 for none.
  [[nodiscard]] int lower() const noexcept { return here_.lower; }
  [[nodiscard]] int upper() const noexcept { return here_.upper; }
  /// The mount it lies in, null: the tree only.
  [[nodiscard]] const Layer* region() const noexcept { return here_.region; }
  /// What is written here goes to the scratch directory.
  [[nodiscard]] bool is_layered() const noexcept;
  /// Absolute, "" for the root.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The last component; empty when the path names the directory itself.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The tree's node of the last component, or of the directory if there is none.
  [[nodiscard]] const Node* named_node() const noexcept;
  /// The path ended with a slash.
  [[nodiscard]] bool must_be_directory() const noexcept { return must_be_directory_; }

  /// What the last component is, or the directory if there is none.
  Outcome<Entry> look() const;
  /// Where an entry that look() found has its name.
  [[nodiscard]] int holder(const Entry& entry) const noexcept {
    return entry.place == Entry::Place::upper ? here_.upper : here_.lower;
  }

  /// Before names change here: EROFS where they may not. In a layered place the
  /// scratch directory exists then, and no other process or thread changes names
  /// while the lock is held; else the lock is none.
  Outcome<Quota::Lock> begin_change();
  /// The part of it that is about the directory, for the second walk of a call that
  /// has two, under the first one's lock. ENOENT if it has been removed.
  Outcome<void> refresh();
  /// Then: the descriptor of the directory where new names go.
  Outcome<int> for_creation(const Quota::Lock& held);
  /// Whether a lower name would come to light if the upper one were removed.
  [[nodiscard]] bool covers_lower() const;
  /// ENOTEMPTY if the directory that is the last component shows a name: one in
  /// the scratch directory, or one of the lower layer without a whiteout. Of a
  /// volume the kernel will tell: no failure. Bounded by the whiteouts there are:
  /// the first name without one ends the search.
  [[nodiscard]] Outcome<void> check_empty(const Entry& directory) const;

 private:
  /// A directory, by what the layers have of it.
  struct Stand {
    const Node* node = nullptr;
    const Layer* region = nullptr;
    int lower = -1;
    int upper = -1;
  };
  /// A directory on the way whose descriptors are known: where ".." starts again.
  struct Anchor {
    std::size_t length = 0;  ///< of the path to it
    Stand stand;
    UniqueFd upper;  ///< keeps the stand's open where no one else does
  };

  void start_at_root();
  void stand_on(const Node* node, const Layer* region, UniqueFd lower, UniqueFd upper);
  void stand_on_anchor();
  void settle();
  Outcome<void> enter(const std::string& name);
  Outcome<void> enter_node(const Node& node);
  Outcome<void> enter_host(const std::string& name);
  Outcome<void> go_up();
  Outcome<bool> leap();
  Outcome<void> expand(const std::string& target);
  Outcome<void> expand_link(int directory, const std::string& name);
  Outcome<void> restart_above();
  [[nodiscard]] bool is_hidden(std::string_view name) const;
  [[nodiscard]] bool is_way_hidden(std::string path, std::string_view more) const;
  [[nodiscard]] const Anchor& anchor() const noexcept;

  FileSpace& space_;
  const Directory& at_;
  std::string pending_;  ///< what is still to be walked
  std::string name_;
  bool must_be_directory_ = false;
  bool may_leap_ = true;

  std::string path_;
  std::size_t floor_ = 0;  ///< length of the sandbox's path
  Stand here_;
  UniqueFd owned_lower_;  ///< keep here_'s descriptors open where no one else does
  UniqueFd owned_upper_;
  Anchor start_;
  std::vector<Anchor> entered_;  ///< layers entered on the way

  int links_ = 0;
  int steps_ = 0;
};

}  // namespace brink::wasi::files
