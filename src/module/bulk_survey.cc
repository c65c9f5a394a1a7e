#include "module/bulk_survey.h"

#include <algorithm>
#include <limits>
#include <set>

namespace brink::module {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

bool is_bulk(Opcode opcode) {
  switch (opcode) {
    case opcode::kMemoryInit:
    case opcode::kMemoryCopy:
    case opcode::kMemoryFill:
    case opcode::kTableInit:
    case opcode::kTableCopy:
    case opcode::kTableFill:
      return true;
    default:
      return false;
  }
}

bool is_table(Opcode opcode) {
  return opcode == opcode::kTableInit || opcode == opcode::kTableCopy ||
         opcode == opcode::kTableFill;
}

/// The implementation of find_bulk_sites.
class Survey {
 public:
  Survey(std::span<const std::byte> bytes, const ModuleInfo& info, const BulkLimits& limits)
      : bytes_(bytes), info_(info), limits_(limits) {}

  Result<std::vector<BulkSite>> sites() && {
    for (std::size_t i = 0; i < info_.bodies.size(); ++i) TRY_VOID(walk(i));
    std::erase_if(sites_, [&](const BulkSite& site) {
      return longest(site.operation) <= piece_of(site.operation.opcode, limits_);
    });
    return std::move(sites_);
  }

 private:
  Result<void> walk(std::size_t body) {
    Cursor code(bytes_, info_.bodies[body]);
    TRY_VOID(skip_locals(code));
    InstructionReader reader(code);
    Instruction before;
    while (!reader.done()) {
      TRY(const Instruction now, reader.next());
      if (now.opcode == opcode::kTableGrow) grown_tables_.insert(now.first);
      if (is_bulk(now.opcode) && !has_short_length(before, now.opcode)) {
        sites_.push_back({body, now.range, {now.opcode, now.first, now.second}});
      }
      before = now;
    }
    return {};
  }

  /// A constant right before the instruction is its length.
  [[nodiscard]] bool has_short_length(const Instruction& before, Opcode opcode) const {
    if (before.opcode == opcode::kI32Const) {
      return static_cast<std::uint32_t>(before.constant) <= piece_of(opcode, limits_);
    }
    return before.opcode == opcode::kI64Const &&
           static_cast<std::uint64_t>(before.constant) <= piece_of(opcode, limits_);
  }

  /// Indices that do not exist count as empty: the engine refuses the module.
  [[nodiscard]] std::uint64_t longest(const BulkOperation& operation) const {
    const auto [op, first, second] = operation;
    switch (op) {
      case opcode::kMemoryFill:
        return memory_size(first);
      case opcode::kMemoryCopy:
        return std::min(memory_size(first), memory_size(second));
      case opcode::kMemoryInit:
        return std::min(memory_size(second), segment_size(info_.data_sizes, first));
      case opcode::kTableFill:
        return table_size(first);
      case opcode::kTableCopy:
        return std::min(table_size(first), table_size(second));
      default:
        return std::min(table_size(second), segment_size(info_.element_counts, first));
    }
  }

  static std::uint64_t segment_size(const std::vector<std::uint64_t>& sizes, std::uint32_t index) {
    return index < sizes.size() ? sizes[index] : 0;
  }

  static std::uint64_t scaled(std::uint64_t pages, unsigned log2) {
    return pages > kUnlimited >> log2 ? kUnlimited : pages << log2;
  }

  [[nodiscard]] std::uint64_t memory_size(std::uint32_t index) const {
    if (index >= info_.memories.size()) return 0;
    const MemoryType& memory = info_.memories[index];
    const std::uint64_t pages = memory.limits.maximum.value_or(kUnlimited);
    const std::uint64_t most = scaled(pages, memory.page_size_log2);
    if (index != 0 || !limits_.memory_maximum) return most;
    return std::min(most, scaled(*limits_.memory_maximum, 16));
  }

  [[nodiscard]] std::uint64_t table_size(std::uint32_t index) const {
    if (index >= info_.tables.size()) return 0;
    const Limits& limits = info_.tables[index].limits;
    const bool exported = std::ranges::any_of(info_.exports, [&](const Export& candidate) {
      return candidate.kind == ExternKind::table && candidate.index == index;
    });
    const bool grows = index < info_.imported_tables || exported || grown_tables_.contains(index);
    return grows ? limits.maximum.value_or(kUnlimited) : limits.minimum;
  }

  std::span<const std::byte> bytes_;
  const ModuleInfo& info_;
  const BulkLimits& limits_;
  std::vector<BulkSite> sites_;
  std::set<std::uint32_t> grown_tables_;
};

}  // namespace

std::uint32_t piece_of(Opcode opcode, const BulkLimits& limits) {
  return is_table(opcode) ? limits.table : limits.memory;
}

Result<std::vector<BulkSite>> find_bulk_sites(std::span<const std::byte> bytes,
                                              const ModuleInfo& info, const BulkLimits& limits) {
  return Survey(bytes, info, limits).sites();
}

}  // namespace brink::module
