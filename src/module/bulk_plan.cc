#include "module/bulk_plan.h"

#include <algorithm>
#include <map>
#include <string>

#include "module/module_reader.h"
#include "module/name_section.h"
#include "module/writer.h"

namespace brink::module {
namespace {

/// What backtraces call the function for an opcode.
std::string name_of(Opcode opcode) {
  switch (opcode) {
    case opcode::kMemoryInit:
      return "memory.init in pieces";
    case opcode::kMemoryCopy:
      return "memory.copy in pieces";
    case opcode::kMemoryFill:
      return "memory.fill in pieces";
    case opcode::kTableInit:
      return "table.init in pieces";
    case opcode::kTableCopy:
      return "table.copy in pieces";
    default:
      return "table.fill in pieces";
  }
}

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
  [[nodiscard]] std::span<const std::string> names() const { return names_; }

 private:
  void add(const BulkOperation& operation) {
    const BulkFunction made = bulk_function(info_, operation, piece_of(operation.opcode, limits_));
    const auto [type, is_new] = types_.try_emplace(
        made.type, static_cast<std::uint32_t>(info_.types.size() + types_.size()));
    if (is_new) type_entries_.raw(made.type);
    function_entries_.unsigned_number(type->second);
    code_entries_.raw(made.body);
    names_.push_back(name_of(operation.opcode));
  }

  const ModuleInfo& info_;
  const BulkLimits& limits_;
  std::map<BulkOperation, std::uint32_t> functions_;
  std::map<std::vector<std::byte>, std::uint32_t> types_;
  Writer type_entries_;
  Writer function_entries_;
  Writer code_entries_;
  std::vector<std::string> names_;
};

/// One body, its size in front, with its sites replaced by calls.
std::vector<std::byte> with_calls(std::span<const std::byte> bytes, Range body,
                                  std::span<const BulkSite> sites, Appendix& appendix) {
  Writer code;
  std::size_t at = body.offset;
  for (const BulkSite& site : sites) {
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
                             std::span<const BulkSite> sites, Appendix& appendix) {
  std::vector<Edit> edits;
  while (!sites.empty()) {
    const std::size_t body = sites.front().body;
    const auto next =
        std::ranges::find_if(sites, [&](const BulkSite& s) { return s.body != body; });
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
  const Section* types = find_section(info, section_id::kType);
  const Section* functions = find_section(info, section_id::kFunction);
  const Section* code = find_section(info, section_id::kCode);
  // Without all three there is no code, or none that the engine accepts.
  if (types == nullptr || functions == nullptr || code == nullptr) return std::vector<Edit>{};
  TRY(const std::vector<BulkSite> sites, find_bulk_sites(bytes, info, limits));
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
  const auto first = static_cast<std::uint32_t>(info.functions.size());
  if (auto names = append_function_names(bytes, info, first, appendix.names())) {
    insert_in_order(edits, *std::move(names));
  }
  return edits;
}

}  // namespace brink::module
