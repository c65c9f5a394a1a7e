#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "module/bulk_function.h"
#include "module/reader.h"

namespace brink::module {

/// How much one instruction may touch.
struct BulkLimits {
  std::uint32_t memory = 0;  ///< bytes, at least 1
  std::uint32_t table = 0;   ///< elements, at least 1
  /// The cap that memory 0 will have, in pages of 64 KiB.
  std::optional<std::uint64_t> memory_maximum = {};
};

/// The limit for an instruction, by what it works on.
std::uint32_t piece_of(Opcode opcode, const BulkLimits& limits);

/// A bulk instruction in the code whose length is not known to be short.
struct BulkSite {
  std::size_t body;
  Range range;
  BulkOperation operation;
};

/// Every bulk instruction that may touch more than `limits` say, in file order.
/// Sizes decide: an instruction cannot touch more than what the smallest space
/// or segment it works on can ever hold, nor than a constant length.
Result<std::vector<BulkSite>> find_bulk_sites(std::span<const std::byte> bytes,
                                              const ModuleInfo& info, const BulkLimits& limits);

}  // namespace brink::module
