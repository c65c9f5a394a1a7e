#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "module/bulk_survey.h"
#include "module/edits.h"
#include "module/reader.h"

namespace brink::module {

/// The edits that replace every bulk instruction that may touch more than that
/// by a call of an appended function; none if there is no such instruction. In
/// file order: the type, function, code and name section change.
Result<std::vector<Edit>> split_bulk_instructions(std::span<const std::byte> bytes,
                                                  const ModuleInfo& info, const BulkLimits& limits);

}  // namespace brink::module
