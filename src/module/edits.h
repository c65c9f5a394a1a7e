#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "module/reader.h"

namespace brink::module {

/// One change of a module's bytes, inside one section's payload. An empty range
/// inserts in front of its offset; no bytes delete the range.
struct Edit {
  Range where;
  std::vector<std::byte> bytes;
};

enum class CodeMoved : std::uint8_t { no, yes };

/// The module with all edits made and the sizes of the sections they are in
/// brought up to date; all other sections are copied byte for byte. With
/// CodeMoved::yes, custom sections that hold code offsets are left out.
/// `edits` is in file order and does not overlap. Fails (module_invalid) when a
/// section grows beyond 4 GiB.
Result<std::vector<std::byte>> apply(std::span<const std::byte> bytes, const ModuleInfo& info,
                                     std::span<const Edit> edits, CodeMoved moved);

}  // namespace brink::module
