#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brink::module {

/// Where something lies in the file, in bytes from its first one.
struct Range {
  std::size_t offset = 0;
  std::size_t size = 0;
  [[nodiscard]] std::size_t end() const { return offset + size; }
  bool operator==(const Range&) const = default;
};

/// A value type as the binary spells it (core specification 5.3.1 to 5.3.5).
struct ValueType {
  std::uint8_t code = 0;       ///< 0x7F i32 … 0x7B v128, 0x63/0x64 (ref null? heap), 0x69…0x74
  std::int64_t heap_type = 0;  ///< for 0x63 and 0x64 only: s33, negative = abstract
  bool operator==(const ValueType&) const = default;
};

inline constexpr ValueType kI32{0x7F, 0};
inline constexpr ValueType kI64{0x7E, 0};
inline constexpr ValueType kF32{0x7D, 0};
inline constexpr ValueType kF64{0x7C, 0};
inline constexpr ValueType kV128{0x7B, 0};
inline constexpr ValueType kFuncref{0x70, 0};
inline constexpr ValueType kExternref{0x6F, 0};

/// i, I, f, F and v for i32, i64, f32, f64 and v128; r for any reference.
char letter(ValueType type);

struct FunctionType {
  std::vector<ValueType> parameters;
  std::vector<ValueType> results;
  bool operator==(const FunctionType&) const = default;
};

/// "(i32, i64) -> i32": for messages. `letters` as given by letter().
std::string signature_text(std::string_view parameters, std::string_view results);
std::string signature_text(const FunctionType& type);

/// One entry of the type index space; structs and arrays keep no details.
struct Type {
  enum class Kind : std::uint8_t { function, structure, array };
  Kind kind = Kind::function;
  FunctionType function;  ///< empty unless kind is function
};

enum class AddressType : std::uint8_t { i32, i64 };

struct Limits {
  std::uint64_t minimum = 0;
  std::optional<std::uint64_t> maximum;
  AddressType address = AddressType::i32;
  bool shared = false;
  bool operator==(const Limits&) const = default;
};

struct TableType {
  ValueType element;
  Limits limits;  ///< in elements
};

struct MemoryType {
  Limits limits;  ///< in pages
  std::uint8_t page_size_log2 = 16;

  /// Saturates: a minimum of 2^48 pages of 64 KiB is 2^64 - 1 bytes.
  [[nodiscard]] std::uint64_t minimum_bytes() const;
  bool operator==(const MemoryType&) const = default;
};

struct GlobalType {
  ValueType value;
  bool is_mutable = false;
};

/// The numbers are those of the import and export sections.
enum class ExternKind : std::uint8_t { function = 0, table = 1, memory = 2, global = 3, tag = 4 };

/// "a function", "a memory": for messages.
std::string_view with_article(ExternKind kind);

struct Import {
  std::string module;
  std::string name;
  ExternKind kind = ExternKind::function;
  std::uint32_t index = 0;  ///< in the index space of its kind
  Range entry;              ///< the whole entry in the file
};

struct Export {
  std::string name;
  ExternKind kind = ExternKind::function;
  std::uint32_t index = 0;
};

/// One section, in file order.
struct Section {
  std::uint8_t id = 0;
  std::size_t start = 0;    ///< of its id byte
  Range payload;            ///< what its size covers; of a custom section the name is the start
  std::string custom_name;  ///< of custom sections (id 0) only
  Range custom_content;     ///< of custom sections only: the payload after the name
};

}  // namespace brink::module
