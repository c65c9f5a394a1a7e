#pragma once

#include <cstdint>
#include <string>

#include "wasi/call_support.h"
#include "wasi/files/directory.h"
#include "wasi/files/file_space.h"
#include "wasi/types.h"

namespace brink::wasi {

/// Where a path of a call begins, and the guest's path itself, copied.
struct PathArgument {
  Descriptor* descriptor;
  files::Directory& directory;
  std::string path;
};

/// Longer paths are NAMETOOLONG (PATH_MAX less its NUL).
inline constexpr std::uint32_t kMaxPath = 4095;

/// Checks a call's descriptor and copies its path. BADF, NOTDIR and NOTCAPABLE
/// concern the descriptor, in this order; FAULT and NAMETOOLONG the path.
Outcome<PathArgument> path_argument(const wasm::HostCall& call, std::uint32_t fd, Rights needed,
                                    std::uint32_t path, std::uint32_t length);

/// INVAL for lookup flags that do not exist.
Outcome<files::Follow> follow_from(std::uint32_t lookup_flags);

}  // namespace brink::wasi
