#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "module/edits.h"
#include "module/reader.h"

namespace brink::module {

/// Whether memory 0 is imported and can be defined instead: no index moves as
/// long as it is the only memory that is imported.
bool can_own_memory(const ModuleInfo& info);

/// Adds the changes that take the import of memory 0 away, define it (as
/// `encoded`, its type) in the same place of the index space, and export it as
/// "memory" unless that name is taken. `info` must fulfil can_own_memory.
Result<void> own_memory(std::span<const std::byte> bytes, const ModuleInfo& info,
                        std::span<const std::byte> encoded, Changes& changes);

}  // namespace brink::module
