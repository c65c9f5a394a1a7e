#include "module/bulk_plan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "module/module_reader.h"
#include "module/writer.h"

namespace brink::module {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/// A bulk instruction in the code whose length is not known to be short.
struct Site {
  std::size_t body;
  Range range;
  BulkOperation operation;
};

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

std::uint32_t piece_of(Opcode opcode, const BulkLimits& limits) {
  return is_table(opcode) ? limits.table : limits.memory;
}

/// Finds what has to be split. Sizes decide: an instruction cannot touch more
/// than what the smallest space or segment it works on can ever hold.
class Survey {
 public:
  Survey(std::span<const std::byte> bytes, const ModuleInfo& info, const BulkLimits& limits)
      : bytes_(bytes), info_(info), limits_(limits) {}

  Result<std::vector<Site>> sites() && {
    for (std::size_t i = 0; i < info_.bodies.size(); ++i) TRY_VOID(walk(i));
    std::erase_if(sites_, [&](const Site& site) {
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
  std::vector<Site> sites_;
  std::set<std::uint32_t> grown_tables_;
};

/// The appended functions, in the order in which they are first needed.
class Appendix {
 public:
  Appendix(const ModuleInfo& info, const BulkLimits& limits) : info_(info), limits_(limits) {}

  /// The index of the function for an operation.
  std::uint32_t function(const BulkOperation& operation) {
    const auto [known, is_new] = functions_.try_emplace(
        operation, static_cast<std::uint32_t>(info_.functions.size() + functions_.size()));
    if (is_new) add(operation);
    return known->second;
  }

  [[nodiscard]] std::size_t type_count() const { return types_.size(); }
  [[nodiscard]] std::size_t function_count() const { return functions_.size(); }
  [[nodiscard]] const Writer& type_entries() const { return type_entries_; }
  [[nodiscard]] const Writer& function_entries() const { return function_entries_; }
  [[nodiscard]] const Writer& code_entries() const { return code_entries_; }

 private:
  void add(const BulkOperation& operation) {
    const BulkFunction made = bulk_function(info_, operation, piece_of(operation.opcode, limits_));
    const auto [type, is_new] = types_.try_emplace(
        made.type, static_cast<std::uint32_t>(info_.types.size() + types_.size()));
    if (is_new) type_entries_.raw(made.type);
    function_entries_.unsigned_number(type->second);
    code_entries_.raw(made.body);
  }

  const ModuleInfo& info_;
  const BulkLimits& limits_;
  std::map<BulkOperation, std::uint32_t> functions_;
  std::map<std::vector<std::byte>, std::uint32_t> types_;
  Writer type_entries_;
  Writer function_entries_;
  Writer code_entries_;
};

const Section* find(const ModuleInfo& info, std::uint8_t id) {
  const auto found = std::ranges::find(info.sections, id, &Section::id);
  return found == info.sections.end() ? nullptr : &*found;
}

/// A new count at the start of a section, and entries at its end.
Result<void> extend(std::span<const std::byte> bytes, const Section& section, std::size_t more,
                    const Writer& entries, std::vector<Edit>& edits) {
  Cursor at(bytes, section.payload);
  TRY(const std::uint32_t count, at.u32());
  Writer number;
  number.unsigned_number(std::uint64_t{count} + more);
  const std::size_t start = section.payload.offset;
  edits.push_back({{start, at.offset() - start}, std::move(number).take()});
  const auto view = entries.view();
  edits.push_back({{section.payload.end(), 0}, {view.begin(), view.end()}});
  return {};
}

/// One body, its size in front, with its sites replaced by calls.
std::vector<std::byte> with_calls(std::span<const std::byte> bytes, Range body,
                                  std::span<const Site> sites, Appendix& appendix) {
  Writer code;
  std::size_t at = body.offset;
  for (const Site& site : sites) {
    code.raw(bytes.subspan(at, site.range.offset - at));
    code.op(opcode::kCall, appendix.function(site.operation));
    at = site.range.end();
  }
  code.raw(bytes.subspan(at, body.end() - at));
  Writer sized;
  sized.unsigned_number(code.size());
  sized.raw(code.view());
  return std::move(sized).take();
}

/// One edit per body that has sites; it covers the body and its size.
std::vector<Edit> body_edits(std::span<const std::byte> bytes, const ModuleInfo& info,
                             std::span<const Site> sites, Appendix& appendix) {
  std::vector<Edit> edits;
  while (!sites.empty()) {
    const std::size_t body = sites.front().body;
    const auto next = std::ranges::find_if(sites, [&](const Site& s) { return s.body != body; });
    const auto here = sites.first(static_cast<std::size_t>(next - sites.begin()));
    sites = sites.subspan(here.size());
    const Range range = info.bodies[body];
    const std::size_t start = info.body_start(body);
    edits.push_back({{start, range.end() - start}, with_calls(bytes, range, here, appendix)});
  }
  return edits;
}

}  // namespace

Result<std::vector<Edit>> split_bulk_instructions(std::span<const std::byte> bytes,
                                                  const ModuleInfo& info,
                                                  const BulkLimits& limits) {
  const Section* types = find(info, section_id::kType);
  const Section* functions = find(info, section_id::kFunction);
  const Section* code = find(info, section_id::kCode);
  // Without all three there is no code, or none that the engine accepts.
  if (types == nullptr || functions == nullptr || code == nullptr) return std::vector<Edit>{};
  TRY(const std::vector<Site> sites, Survey(bytes, info, limits).sites());
  if (sites.empty()) return std::vector<Edit>{};

  Appendix appendix(info, limits);
  std::vector<Edit> bodies = body_edits(bytes, info, sites, appendix);
  std::vector<Edit> edits;
  TRY_VOID(extend(bytes, *types, appendix.type_count(), appendix.type_entries(), edits));
  TRY_VOID(
      extend(bytes, *functions, appendix.function_count(), appendix.function_entries(), edits));
  TRY_VOID(extend(bytes, *code, appendix.function_count(), appendix.code_entries(), edits));
  // The code section's count comes before its bodies, its new entries after them.
  edits.insert(edits.end() - 1, std::make_move_iterator(bodies.begin()),
               std::make_move_iterator(bodies.end()));
  return edits;
}

}  // namespace brink::module
