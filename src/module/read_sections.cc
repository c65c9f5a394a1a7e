#include <fmt/format.h>

#include <utility>

#include "module/module_reader.h"

namespace brink::module {

std::uint32_t ModuleReader::size_of(ExternKind kind) const {
  switch (kind) {
    case ExternKind::function:
      return static_cast<std::uint32_t>(info_.functions.size());
    case ExternKind::table:
      return static_cast<std::uint32_t>(info_.tables.size());
    case ExternKind::memory:
      return static_cast<std::uint32_t>(info_.memories.size());
    case ExternKind::global:
      return static_cast<std::uint32_t>(info_.globals.size());
    case ExternKind::tag:
      break;
  }
  return static_cast<std::uint32_t>(info_.tags.size());
}

namespace {

Result<ExternKind> extern_kind(Cursor& at) {
  const std::size_t start = at.offset();
  TRY(const std::uint8_t kind, at.byte());
  if (kind > static_cast<std::uint8_t>(ExternKind::tag)) {
    return fail_at(start, fmt::format("unknown kind {} of import or export", kind));
  }
  return ExternKind{kind};
}

}  // namespace

Result<void> ModuleReader::import(Cursor& at) {
  const std::size_t start = at.offset();
  TRY(const std::string_view module, at.name());
  TRY(const std::string_view name, at.name());
  TRY(const ExternKind kind, extern_kind(at));
  const std::uint32_t index = size_of(kind);
  TRY_VOID(import_of(kind, at));
  info_.imports.push_back(
      {std::string(module), std::string(name), kind, index, Range{start, at.offset() - start}});
  info_.imported_functions = info_.functions.size();
  info_.imported_tables = info_.tables.size();
  info_.imported_memories = info_.memories.size();
  return {};
}

Result<void> ModuleReader::import_of(ExternKind kind, Cursor& at) {
  switch (kind) {
    case ExternKind::function: {
      TRY(const std::uint32_t type, at.u32());
      info_.functions.push_back(type);
      return {};
    }
    case ExternKind::table: {
      TRY(const TableType type, table_type(at));
      info_.tables.push_back(type);
      return {};
    }
    case ExternKind::memory:
      return memory(at);
    case ExternKind::global: {
      TRY(const GlobalType type, global_type(at));
      info_.globals.push_back(type);
      return {};
    }
    case ExternKind::tag:
      break;
  }
  return tag(at);
}

Result<void> ModuleReader::function(Cursor& at) {
  TRY(const std::uint32_t type, at.u32());
  info_.functions.push_back(type);
  ++declared_functions_;
  return {};
}

/// A table, or 0x40 0x00, a table and what its elements start as.
Result<void> ModuleReader::table(Cursor& at) {
  constexpr int kWithValue = 0x40;
  const bool with_value = at.peek() == kWithValue;
  if (with_value) {
    info_.features.add(Feature::function_references);
    TRY_VOID(at.skip(2));
  }
  TRY(const TableType type, table_type(at));
  info_.tables.push_back(type);
  return with_value ? expression(at) : Result<void>{};
}

Result<void> ModuleReader::memory(Cursor& at) {
  const std::size_t start = at.offset();
  TRY(const MemoryType type, memory_type(at));
  if (info_.memories.empty()) info_.first_memory = Range{start, at.offset() - start};
  info_.memories.push_back(type);
  if (info_.memories.size() > 1) info_.features.add(Feature::multi_memory);
  return {};
}

Result<void> ModuleReader::global(Cursor& at) {
  TRY(const GlobalType type, global_type(at));
  info_.globals.push_back(type);
  return expression(at);
}

Result<void> ModuleReader::tag(Cursor& at) {
  const std::size_t start = at.offset();
  TRY(const std::uint8_t attribute, at.byte());
  if (attribute != 0) return fail_at(start, fmt::format("unknown tag attribute {}", attribute));
  TRY(const std::uint32_t type, at.u32());
  info_.tags.push_back(type);
  return {};
}

Result<void> ModuleReader::export_(Cursor& at) {
  TRY(const std::string_view name, at.name());
  TRY(const ExternKind kind, extern_kind(at));
  const std::size_t start = at.offset();
  TRY(const std::uint32_t index, at.u32());
  if (index >= size_of(kind)) {
    return fail_at(start, fmt::format("export \"{}\" names {} {} that does not exist",
                                      printable(name), with_article(kind), index));
  }
  info_.exports.push_back({std::string(name), kind, index});
  return {};
}

Result<void> ModuleReader::start(Cursor& at) {
  TRY(info_.start, at.u32());
  return {};
}

}  // namespace brink::module
