#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/files/file_tree.h"

namespace brink::wasi::files {

/// An open directory of the guest: the sandbox of the paths relative to it. Made
/// by a FileSpace, used with the same one, not to outlive it. Reading entries
/// moves the kernel's position: one reader at a time; all else is const.
class Directory {
 public:
  /// Where it was when it was opened: absolute, normalised, without links.
  [[nodiscard]] std::string_view path() const noexcept { return path_; }
  /// Whether the place allows writing at all.
  [[nodiscard]] Access access() const noexcept {
    return layer_ != nullptr ? layer_->access : Access::read_only;
  }

 private:
  friend class FileSpace;
  friend class Walk;
  friend class Opening;
  Directory(std::string path, const Node* node, const Layer* layer, UniqueFd descriptor)
      : path_(std::move(path)), node_(node), layer_(layer), descriptor_(std::move(descriptor)) {}

  std::string path_;
  const Node* node_;     ///< where the tree knows this place, else null
  const Layer* layer_;   ///< null: exists in the tree only
  UniqueFd descriptor_;  ///< readable; none at a layer's root: the layer has it
  UniqueFd listing_;     ///< a layer root for reading entries, opened by the first read
};

}  // namespace brink::wasi::files
