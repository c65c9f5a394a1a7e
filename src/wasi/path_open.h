#pragma once

#include <cstdint>
#include <string_view>

#include "wasi/descriptor_table.h"
#include "wasi/errno.h"
#include "wasi/process.h"

namespace brink::wasi {

/// What path_open and path_open2 are told beside the place, unchecked.
struct PathOpening {
  std::uint32_t lookup_flags = 0;
  std::uint32_t oflags = 0;
  std::uint64_t base = 0;  ///< Rights
  std::uint64_t inheriting = 0;
  std::uint32_t fdflags = 0;
  std::uint32_t fdflags_ext = 0;
};

/// Opens a path relative to the directory `at` of a table of `process`; the caller
/// adds the result to it. AGAIN: so far only a part of the work is done, do it again.
Outcome<Descriptor> open_path(Process& process, const Descriptor& at, std::string_view path,
                              const PathOpening& opening);

}  // namespace brink::wasi
