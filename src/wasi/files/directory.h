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

 private:
  friend class FileSpace;
  friend class Listing;
  friend class Opening;
  friend class Walk;

  /// What of it there is on the host, readable: in the mount or package, and in
  /// the scratch directory.
  struct Descriptors {
    UniqueFd lower;  ///< none at a layer's root: the layer has it
    UniqueFd upper;  ///< none while nothing has been written there, looked up by path then
  };

  Directory(std::string path, const Node* node, const Layer* region, Descriptors descriptors)
      : path_(std::move(path)),
        node_(node),
        region_(region),
        lower_(std::move(descriptors.lower)),
        upper_(std::move(descriptors.upper)) {}

  std::string path_;
  const Node* node_;     ///< where the tree knows this place, else null
  const Layer* region_;  ///< null: of the tree only
  UniqueFd lower_;
  UniqueFd upper_;
  UniqueFd listing_;        ///< a layer root for reading entries, opened by the first read
  UniqueFd upper_listing_;  ///< the same for the upper directory when upper_ is none
};

}  // namespace brink::wasi::files
