#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "module/features.h"
#include "module/types.h"

namespace brink::module {

/// What a core module says about itself. A value: it keeps no reference to the
/// bytes it was read from, except as offsets into them.
struct ModuleInfo {
  std::vector<Type> types;
  std::vector<Import> imports;
  std::vector<Export> exports;

  // Index spaces: what is imported comes first.
  std::vector<std::uint32_t> functions;  ///< type indices
  std::vector<TableType> tables;
  std::vector<MemoryType> memories;
  std::vector<GlobalType> globals;
  std::vector<std::uint32_t> tags;  ///< type indices
  std::size_t imported_functions = 0;
  std::size_t imported_tables = 0;
  std::size_t imported_memories = 0;

  std::optional<Range> first_memory;            ///< where the type of memory 0 is encoded
  std::optional<std::uint32_t> start;           ///< function index of the start section
  std::vector<std::uint64_t> data_sizes;        ///< bytes of each data segment
  std::vector<std::uint64_t> element_counts;    ///< entries of each element segment
  std::size_t first_body = 0;                   ///< offset behind the code section's count
  std::vector<Range> bodies;                    ///< each defined function: locals, code, end
  std::vector<Section> sections;                ///< in file order
  FeatureSet features;                          ///< needed by types, sections and code
  std::optional<std::size_t> legacy_exception;  ///< offset of the first such instruction
  /// Offset of the first instruction that fills or copies as much of a
  /// garbage-collected array as its operands say.
  std::optional<std::size_t> array_operation;

  /// Whether memory 0 is imported as a shared one (WASIX and threaded programs).
  [[nodiscard]] bool imports_shared_memory() const;
  /// Whether memory 0 is a shared one that the module makes itself.
  [[nodiscard]] bool defines_shared_memory() const;
  /// Whether any import comes from that namespace.
  [[nodiscard]] bool imports_from(std::string_view module_name) const;
  /// The export of that name, or null. Valid as long as this object is.
  [[nodiscard]] const Export* find_export(std::string_view name) const;
  /// The first custom section of that name ("name", "producers",
  /// "target_features", "cgi-dialect"), or null. Valid as long as this object is.
  [[nodiscard]] const Section* find_custom(std::string_view name) const;
  /// Where the entry of a body begins in the code section: at its size.
  [[nodiscard]] std::size_t body_start(std::size_t body) const;
  /// The type of a function of the index space, or null if it is none.
  [[nodiscard]] const FunctionType* function_type(std::uint32_t function) const;
};

/// Reads a whole module, all function bodies included, after the binary format
/// of the core specification 3.0 (chapter 5) and the threads, custom page sizes
/// and wide arithmetic proposals. It checks form, not types: the engine
/// validates what passes. Errors (module_invalid) name the byte offset; files
/// that are something else (text, a component, ELF, an archive) are named as
/// what they are, with a remedy. Memory: a small multiple of the input's size.
Result<ModuleInfo> read_module(std::span<const std::byte> bytes);

}  // namespace brink::module
