#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "module/cursor.h"
#include "module/instructions.h"
#include "module/reader.h"

namespace brink::module {

/// The numbers of the sections (core specification 5.5.2).
namespace section_id {
inline constexpr std::uint8_t kCustom = 0;
inline constexpr std::uint8_t kType = 1;
inline constexpr std::uint8_t kImport = 2;
inline constexpr std::uint8_t kFunction = 3;
inline constexpr std::uint8_t kTable = 4;
inline constexpr std::uint8_t kMemory = 5;
inline constexpr std::uint8_t kGlobal = 6;
inline constexpr std::uint8_t kExport = 7;
inline constexpr std::uint8_t kStart = 8;
inline constexpr std::uint8_t kElement = 9;
inline constexpr std::uint8_t kCode = 10;
inline constexpr std::uint8_t kData = 11;
inline constexpr std::uint8_t kDataCount = 12;
inline constexpr std::uint8_t kTag = 13;
}  // namespace section_id

/// The place of a section in the prescribed order, which is not that of its
/// number; 0 for custom sections, which may stand anywhere, -1 for unknown ones.
int section_rank(std::uint8_t id);

/// One module being read: the implementation of read_module.
class ModuleReader {
 public:
  explicit ModuleReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<ModuleInfo> read() &&;

 private:
  Result<void> section(Cursor& file);
  Result<void> payload(const Section& section, Cursor& at);
  Result<void> known_payload(std::uint8_t id, Cursor& at);
  Result<void> check_counts() const;

  // read_types.cc
  Result<void> types(Cursor& at);
  Result<void> sub_type(Cursor& at);
  Result<void> composite_type(Cursor& at);
  Result<FunctionType> function_type(Cursor& at);
  Result<std::vector<ValueType>> value_types(Cursor& at);
  Result<void> field(Cursor& at);
  Result<Limits> limits(Cursor& at, std::uint8_t flags);
  Result<TableType> table_type(Cursor& at);
  Result<MemoryType> memory_type(Cursor& at);
  Result<GlobalType> global_type(Cursor& at);

  // read_sections.cc
  Result<void> import(Cursor& at);
  Result<void> import_of(ExternKind kind, Cursor& at);
  Result<void> function(Cursor& at);
  Result<void> table(Cursor& at);
  Result<void> memory(Cursor& at);
  Result<void> global(Cursor& at);
  Result<void> tag(Cursor& at);
  Result<void> export_(Cursor& at);
  Result<void> start(Cursor& at);

  // read_segments.cc
  Result<void> element(Cursor& at);
  Result<void> data(Cursor& at);
  Result<void> body(Cursor& at);
  Result<void> expression(Cursor& at);

  using Entry = Result<void> (ModuleReader::*)(Cursor&);
  Result<void> entries(Cursor& at, Entry entry);

  [[nodiscard]] std::uint32_t size_of(ExternKind kind) const;

  std::span<const std::byte> bytes_;
  ModuleInfo info_;
  int rank_ = 0;
  std::size_t declared_functions_ = 0;
  std::optional<std::uint32_t> data_count_;
};

}  // namespace brink::module
