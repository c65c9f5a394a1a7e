#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "module/instructions.h"
#include "module/reader.h"

namespace brink::module {

/// One bulk instruction with its immediates, in the order of the binary:
/// fill: space; copy: target space, source space; init: segment, target space.
/// A space is a memory or a table, by opcode.
struct BulkOperation {
  Opcode opcode = 0;
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  auto operator<=>(const BulkOperation&) const = default;
};

/// A function that takes the operands of a bulk instruction and does the same.
struct BulkFunction {
  std::vector<std::byte> type;  ///< as in the type section
  std::vector<std::byte> body;  ///< as in the code section, its size in front
};

/// Writes the function for `operation`, whose indices must exist in `info`. It
/// touches at most `piece` bytes (elements, for tables) between two checks of
/// the engine's deadline, which stand at each turn of a loop. The whole range is
/// compared with the current sizes first; if it does not fit, or is no longer
/// than a piece, the instruction itself runs, and traps as it always would.
BulkFunction bulk_function(const ModuleInfo& info, const BulkOperation& operation,
                           std::uint32_t piece);

}  // namespace brink::module
