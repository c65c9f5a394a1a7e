#pragma once

#include <string>
#include <string_view>

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
  Outcome<Opened> open_last();
  Outcome<Opened> open_node(const Node& node);
  Outcome<Opened> open_here();

  // In a volume, where the kernel's answers are the guest's.
  Outcome<UniqueFd> open_direct(const char* name);
  Outcome<Opened> finish(UniqueFd descriptor, std::string_view name);
  Outcome<Opened> finish_file(UniqueFd descriptor, Scratch* scratch, Access access);

  // Where the scratch directory comes before a package or the tree.
  Outcome<Opened> open_layered();
  Outcome<Opened> open_directory(const Entry& entry);
  Outcome<Opened> open_unchanged(const Entry& entry);
  Outcome<Opened> open_changed();
  Outcome<Opened> create();
  Outcome<Opened> open_upper(const Quota::Lock& held, int flags);

  FileSpace& space_;
  Walk& walk_;
  const OpenOptions& options_;
  bool is_copying_ = false;  ///< EAGAIN is for the caller then
};

}  // namespace brink::wasi::files
