#pragma once

#include <string>

#include "wasi/files/file_space.h"
#include "wasi/files/walk.h"

namespace brink::wasi::files {

/// One call of FileSpace::open: finds the last component, opens it without
/// following or waiting, and refuses what is none of ours to open.
class Opening {
 public:
  Opening(FileSpace& space, Walk& walk, const OpenOptions& options) noexcept
      : space_(space), walk_(walk), options_(options) {}

  /// After walk.begin().
  Outcome<Opened> run();

 private:
  [[nodiscard]] int host_flags() const noexcept;
  [[nodiscard]] bool changes() const noexcept { return options_.write || options_.truncate; }
  Outcome<Opened> open_node(const Node& node);
  Outcome<Opened> open_here();
  /// Opens `name` of the walk's directory; Errno::loop when it is a link.
  Outcome<UniqueFd> open_host(const char* name);
  Outcome<UniqueFd> open_writable(int directory, const char* name);
  Outcome<UniqueFd> create_counted(int directory, const char* name, Quota& quota);
  Outcome<Opened> finish(UniqueFd descriptor, std::string_view name);
  Outcome<Opened> finish_file(UniqueFd descriptor, const struct stat& file);

  FileSpace& space_;
  Walk& walk_;
  const OpenOptions& options_;
  Quota* quota_ = nullptr;  ///< of the layer
  Quota::Lock held_;        ///< from opening to counting, in the scratch directory
};

}  // namespace brink::wasi::files
