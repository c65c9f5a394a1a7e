#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "module/reader.h"
#include "module/writer.h"

namespace brink::module {

/// One change of a module's bytes, inside one section's payload. An empty range
/// inserts in front of its offset; no bytes delete the range.
struct Edit {
  Range where;
  std::vector<std::byte> bytes;
};

/// Puts an edit at its place among edits in file order.
void insert_in_order(std::vector<Edit>& edits, Edit edit);

/// The section with that number, or null. Valid as long as `info` is.
const Section* find_section(const ModuleInfo& info, std::uint8_t id);

/// The edit that changes the count at the start of a section by `difference`.
Result<Edit> recount(std::span<const std::byte> bytes, const Section& section,
                     std::int64_t difference);

/// Edits for a new count at the start of a section, and `more` entries at its end.
Result<void> extend(std::span<const std::byte> bytes, const Section& section, std::size_t more,
                    const Writer& entries, std::vector<Edit>& edits);

/// A section that the module does not have yet.
struct NewSection {
  std::uint8_t id = 0;
  std::vector<std::byte> payload;
};

enum class CodeMoved : std::uint8_t { no, yes };

/// All changes of one rewriting.
struct Changes {
  std::vector<Edit> edits;           ///< in file order, not overlapping
  std::vector<NewSection> sections;  ///< in the order that the format prescribes
  /// With `yes`, custom sections that hold code offsets are left out.
  CodeMoved moved = CodeMoved::no;
};

/// The module with all changes made and the sizes of the sections they are in
/// brought up to date; all other sections are copied byte for byte. Fails
/// (module_invalid) when a section grows beyond 4 GiB.
Result<std::vector<std::byte>> apply(std::span<const std::byte> bytes, const ModuleInfo& info,
                                     const Changes& changes);

}  // namespace brink::module
