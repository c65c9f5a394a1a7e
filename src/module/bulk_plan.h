#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "module/bulk_function.h"
#include "module/edits.h"
#include "module/reader.h"

namespace brink::module {

/// How much one instruction may touch.
struct BulkLimits {
  std::uint32_t memory = 0;  ///< bytes, at least 1
  std::uint32_t table = 0;   ///< elements, at least 1
  /// The cap that memory 0 will have, in pages of 64 KiB.
  std::optional<std::uint64_t> memory_maximum = {};
};

/// The edits that replace every bulk instruction that may touch more than that
/// by a call of an appended function; none if there is no such instruction. In
/// file order: type, function and code section.
Result<std::vector<Edit>> split_bulk_instructions(std::span<const std::byte> bytes,
                                                  const ModuleInfo& info, const BulkLimits& limits);

}  // namespace brink::module
