#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "module/cursor.h"
#include "module/features.h"

namespace brink::module {

/// An opcode: the byte, or for those behind a prefix (0xFB GC, 0xFC numeric and
/// bulk, 0xFD vectors, 0xFE atomics) prefix << 16 | sub-opcode.
using Opcode = std::uint32_t;

namespace opcode {
inline constexpr Opcode kLoop = 0x03;
inline constexpr Opcode kIf = 0x04;
inline constexpr Opcode kEnd = 0x0B;
inline constexpr Opcode kBrIf = 0x0D;
inline constexpr Opcode kCall = 0x10;
inline constexpr Opcode kLocalGet = 0x20;
inline constexpr Opcode kI32Const = 0x41;
inline constexpr Opcode kI64Const = 0x42;
inline constexpr Opcode kArrayNew = 0xFB0006;
inline constexpr Opcode kArrayNewDefault = 0xFB0007;
inline constexpr Opcode kArrayNewData = 0xFB0009;
inline constexpr Opcode kArrayNewElem = 0xFB000A;
inline constexpr Opcode kArrayFill = 0xFB0010;
inline constexpr Opcode kArrayCopy = 0xFB0011;
inline constexpr Opcode kArrayInitData = 0xFB0012;
inline constexpr Opcode kArrayInitElem = 0xFB0013;
inline constexpr Opcode kMemoryInit = 0xFC0008;
inline constexpr Opcode kMemoryCopy = 0xFC000A;
inline constexpr Opcode kMemoryFill = 0xFC000B;
inline constexpr Opcode kTableInit = 0xFC000C;
inline constexpr Opcode kTableCopy = 0xFC000E;
inline constexpr Opcode kTableGrow = 0xFC000F;
inline constexpr Opcode kTableFill = 0xFC0011;
}  // namespace opcode

/// How the bytes after an opcode are laid out (core specification 5.4).
enum class Immediates : std::uint8_t {
  invalid,       ///< no instruction has this opcode
  none,          ///< `unreachable`
  block,         ///< a block type; opens a block
  label_end,     ///< `delegate`: a label; closes a block
  end,           ///< `end`: closes a block
  index,         ///< one u32: function, local, global, table, type, label, tag, segment, memory
  two_indices,   ///< two u32: call_indirect, memory.copy, table.init, struct.get …
  label_table,   ///< br_table
  types,         ///< select with types
  handlers,      ///< try_table: a block type and catch clauses; opens a block
  heap_type,     ///< ref.null, ref.test, ref.cast
  cast,          ///< br_on_cast: flags, a label and two heap types
  memory,        ///< alignment (with a memory index behind bit 6) and offset
  memory_lane,   ///< the same, and a lane
  lane,          ///< one byte
  zero,          ///< one byte that is zero: atomic.fence
  i32,           ///< s32
  i64,           ///< s64
  four_bytes,    ///< f32
  eight_bytes,   ///< f64
  sixteen_bytes  ///< v128.const, i8x16.shuffle
};

/// The table's row for an opcode.
struct OpcodeTraits {
  Immediates immediates = Immediates::invalid;
  Feature feature = Feature::mvp;
};

OpcodeTraits traits_of(Opcode opcode);

/// One instruction of a body.
struct Instruction {
  Opcode opcode = 0;
  OpcodeTraits traits;
  Range range;  ///< opcode and immediates, in the file

  /// The first and second index of `index` and `two_indices`, in the order of
  /// the binary (memory.init: segment, memory; memory.copy: target, source);
  /// `constant` holds the value of i32.const and i64.const; `memory_index` that
  /// of memory accesses.
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::int64_t constant = 0;
  std::uint32_t memory_index = 0;
};

/// Walks one expression: a function body's code or a constant expression. Stops
/// behind the `end` that closes it. An opcode that is none, or an expression
/// that its bytes cut short, is a module_invalid error with the offset.
class InstructionReader {
 public:
  /// Borrows the cursor, which then stands behind what was read.
  explicit InstructionReader(Cursor& cursor) : cursor_(cursor) {}

  [[nodiscard]] bool done() const { return depth_ == 0; }

  /// The next instruction, the last `end` included. Not to be called when done.
  Result<Instruction> next();

 private:
  Result<Opcode> opcode();
  Result<void> immediates(Instruction& into);
  Result<void> plain(Instruction& into);
  Result<void> heap_types(int count);
  Result<void> indices(Instruction& into);
  Result<void> vector(Instruction& into);
  Result<void> block(Instruction& into);
  Result<void> handlers();
  Result<void> memory_access(Instruction& into);

  Cursor& cursor_;
  std::uint64_t depth_ = 1;
};

/// Skips the local declarations at the start of a function body.
Result<void> skip_locals(Cursor& body);

}  // namespace brink::module
