#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/files/directory.h"
#include "wasi/files/file_space.h"
#include "wasi/files/types.h"

namespace brink::wasi::files {

/// The one resolver: takes a path apart until its last component is left, which
/// it never opens or follows by itself. The caller acts on that component with a
/// system call that follows no link, and on finding one says follow_last().
///
/// Names of the tree come before names of the host. As much as possible goes to
/// the kernel in one openat2 that can neither leave the layer nor meet a link;
/// where that fails, single steps, each opening one directory without following
/// links. A step only ever goes from a directory to something in it, and ".." is
/// answered from the guest's path, not by the kernel: so whatever other processes
/// do to the layer meanwhile, the walk stays below the layers' roots.
///
/// Bounds: 40 links, 4096 steps, 4095 bytes of path left at any time.
class Walk {
 public:
  /// `at` and `space` outlive the walk. The first call is begin().
  Walk(FileSpace& space, const Directory& at) noexcept : space_(space), at_(at) {}

  Outcome<void> begin(std::string_view path);

  /// What is left of the path when all of it is below descriptor() and without
  /// "..", so that one openat2 may open it; otherwise null. Ends with a slash where
  /// the path did.
  [[nodiscard]] const char* whole_rest();

  /// Walks to the directory of the last component.
  Outcome<void> to_parent();
  /// The last component turned out to be a link: goes to the parent of its target.
  Outcome<void> follow_last();
  /// The last component is a directory of the tree: goes into it, name() is empty then.
  Outcome<void> enter_last();

  /// The directory the walk has come to: -1 if it is one of the tree only, or the
  /// scratch directory before its time.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const Layer* layer() const noexcept { return layer_; }
  /// Absolute, "" for the root.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The last component; empty when the path names the directory itself.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The tree's node of the last component, or of the directory if there is none.
  [[nodiscard]] const Node* named_node() const noexcept;
  /// The path ended with a slash.
  [[nodiscard]] bool must_be_directory() const noexcept { return must_be_directory_; }

  /// descriptor(), made fit for a new name: EROFS where there may be none.
  Outcome<int> for_creation();

 private:
  /// A directory on the way whose descriptor is known: where ".." starts again.
  struct Anchor {
    std::size_t length;  ///< of the path to it
    const Layer* layer;
    int descriptor;
  };

  void start_at_root();
  void stand_on(const Node* node, const Layer* layer, UniqueFd owned);
  void stand_on_anchor(const Node* node);
  void settle();
  Outcome<void> enter(const std::string& name);
  Outcome<void> enter_node(const Node& node);
  Outcome<void> enter_host(const std::string& name);
  Outcome<void> go_up();
  Outcome<bool> leap();
  Outcome<void> expand(const std::string& target);
  Outcome<void> restart_above();
  /// The last one on the way to path_.
  [[nodiscard]] const Anchor& anchor() const noexcept;

  FileSpace& space_;
  const Directory& at_;
  std::string pending_;  ///< what is still to be walked
  std::string name_;
  bool must_be_directory_ = false;
  bool may_leap_ = true;

  std::string path_;
  std::size_t floor_ = 0;  ///< length of the sandbox's path
  const Node* node_ = nullptr;
  const Layer* layer_ = nullptr;
  int descriptor_ = -1;
  UniqueFd owned_;  ///< keeps descriptor_ open where no one else does
  Anchor start_{};
  std::vector<Anchor> entered_;  ///< layers entered on the way

  int links_ = 0;
  int steps_ = 0;
};

}  // namespace brink::wasi::files
