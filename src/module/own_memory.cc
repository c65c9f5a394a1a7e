#include "module/own_memory.h"

#include <algorithm>

#include "base/check.h"
#include "module/module_reader.h"

namespace brink::module {
namespace {

const Import* memory_import(const ModuleInfo& info) {
  const auto found = std::ranges::find(info.imports, ExternKind::memory, &Import::kind);
  return found == info.imports.end() ? nullptr : &*found;
}

/// A section with one entry.
NewSection section_of(std::uint8_t id, std::span<const std::byte> entry) {
  Writer payload;
  payload.unsigned_number(1);
  payload.raw(entry);
  return {id, std::move(payload).take()};
}

Result<void> remove_import(std::span<const std::byte> bytes, const ModuleInfo& info,
                           Changes& changes) {
  const Section* imports = find_section(info, section_id::kImport);
  BRINK_CHECK(imports != nullptr);
  TRY(Edit count, recount(bytes, *imports, -1));
  insert_in_order(changes.edits, std::move(count));
  insert_in_order(changes.edits, {memory_import(info)->entry, {}});
  return {};
}

/// In front of all other memories, so that it stays number 0.
Result<void> define(std::span<const std::byte> bytes, const ModuleInfo& info,
                    std::span<const std::byte> encoded, Changes& changes) {
  const Section* memories = find_section(info, section_id::kMemory);
  if (memories == nullptr) {
    changes.sections.push_back(section_of(section_id::kMemory, encoded));
    return {};
  }
  TRY(Edit edit, recount(bytes, *memories, 1));
  edit.bytes.insert(edit.bytes.end(), encoded.begin(), encoded.end());
  insert_in_order(changes.edits, std::move(edit));
  return {};
}

Result<void> export_it(std::span<const std::byte> bytes, const ModuleInfo& info, Changes& changes) {
  Writer entry;
  entry.name("memory");
  entry.byte(static_cast<std::uint8_t>(ExternKind::memory));
  entry.unsigned_number(0);
  if (const Section* exports = find_section(info, section_id::kExport)) {
    return extend(bytes, *exports, 1, entry, changes.edits);
  }
  changes.sections.push_back(section_of(section_id::kExport, entry.view()));
  return {};
}

}  // namespace

bool can_own_memory(const ModuleInfo& info) { return info.imported_memories == 1; }

Result<void> own_memory(std::span<const std::byte> bytes, const ModuleInfo& info,
                        std::span<const std::byte> encoded, Changes& changes) {
  BRINK_CHECK(can_own_memory(info));
  TRY_VOID(remove_import(bytes, info, changes));
  TRY_VOID(define(bytes, info, encoded, changes));
  if (info.find_export("memory") != nullptr) return {};
  return export_it(bytes, info, changes);
}

}  // namespace brink::module
