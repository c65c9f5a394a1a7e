#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wasi/files/types.h"

namespace brink::wasi::files {

/// One entry of getdents64(2).
struct HostEntry {
  std::uint64_t ino = 0;
  std::int64_t next = 0;  ///< the position after it
  FileType type = FileType::unknown;
  std::string_view name;  ///< valid until the next step
};

/// Reads a host directory from a position on, leaving out "." and "..".
class HostListing {
 public:
  /// `directory` is a readable descriptor with a position of its own; not owned.
  explicit HostListing(int directory) noexcept : directory_(directory) {}
  Outcome<void> start(std::uint64_t position);
  /// False at the end.
  Outcome<bool> next(HostEntry& entry);

 private:
  static constexpr std::size_t kBuffer = 8192;
  int directory_;
  long filled_ = 0;
  long at_ = 0;
  alignas(8) std::array<char, kBuffer> buffer_;
};

}  // namespace brink::wasi::files
