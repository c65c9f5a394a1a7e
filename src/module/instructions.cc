#include "module/instructions.h"

#include <fmt/format.h>

namespace brink::module {

Result<Instruction> InstructionReader::next() {
  Instruction instruction;
  instruction.range.offset = cursor_.offset();
  TRY(instruction.opcode, opcode());
  instruction.traits = traits_of(instruction.opcode);
  TRY_VOID(immediates(instruction));
  instruction.range.size = cursor_.offset() - instruction.range.offset;
  return instruction;
}

Result<Opcode> InstructionReader::opcode() {
  const std::size_t start = cursor_.offset();
  TRY(const std::uint8_t first, cursor_.byte());
  if (first < 0xFB || first == 0xFF) {
    if (traits_of(first).immediates == Immediates::invalid) {
      return fail_at(start, fmt::format("unknown instruction 0x{:02x}", first));
    }
    return Opcode{first};
  }
  TRY(const std::uint32_t sub, cursor_.u32());
  const Opcode whole = Opcode{first} << 16 | (sub & 0xFFFFU);
  if (sub > 0xFFFF || traits_of(whole).immediates == Immediates::invalid) {
    return fail_at(start, fmt::format("unknown instruction 0x{:02x} {}", first, sub));
  }
  return whole;
}

Result<void> InstructionReader::immediates(Instruction& into) {
  switch (into.traits.immediates) {
    case Immediates::invalid:
    case Immediates::none:
      return {};
    case Immediates::block:
    case Immediates::handlers:
      return block(into);
    case Immediates::end:
      --depth_;
      return {};
    case Immediates::label_end:
      // Only the `end` of the whole expression may bring the depth to zero.
      if (depth_ == 1) return fail_at(into.range.offset, "delegate outside of a try");
      --depth_;
      return indices(into);
    case Immediates::index:
    case Immediates::two_indices:
      return indices(into);
    case Immediates::label_table:
    case Immediates::types:
      return vector(into);
    case Immediates::memory:
    case Immediates::memory_lane:
      return memory_access(into);
    default:
      return plain(into);
  }
}

/// The immediates of constants, lanes and casts.
Result<void> InstructionReader::plain(Instruction& into) {
  switch (into.traits.immediates) {
    case Immediates::heap_type:
      return heap_types(1);
    case Immediates::cast: {
      TRY_VOID(cursor_.byte());
      TRY(into.first, cursor_.u32());
      return heap_types(2);
    }
    case Immediates::i32: {
      TRY(into.constant, cursor_.s32());
      return {};
    }
    case Immediates::i64: {
      TRY(into.constant, cursor_.s64());
      return {};
    }
    case Immediates::four_bytes:
      return cursor_.skip(4);
    case Immediates::eight_bytes:
      return cursor_.skip(8);
    case Immediates::sixteen_bytes:
      return cursor_.skip(16);
    default:  // lane, zero
      return cursor_.skip(1);
  }
}

Result<void> InstructionReader::heap_types(int count) {
  for (int i = 0; i < count; ++i) TRY_VOID(cursor_.heap_type());
  return {};
}

Result<void> InstructionReader::indices(Instruction& into) {
  TRY(into.first, cursor_.u32());
  if (into.traits.immediates == Immediates::two_indices) {
    TRY(into.second, cursor_.u32());
  }
  return {};
}

/// br_table has one label more than it counts; select counts its types.
Result<void> InstructionReader::vector(Instruction& into) {
  TRY(const std::uint32_t count, cursor_.count());
  const bool labels = into.traits.immediates == Immediates::label_table;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (labels) {
      TRY_VOID(cursor_.u32());
    } else {
      TRY_VOID(cursor_.value_type());
    }
  }
  if (labels) TRY_VOID(cursor_.u32());
  return {};
}

/// A block type is empty (0x40), one value type, or a type index (s33).
Result<void> InstructionReader::block(Instruction& into) {
  ++depth_;
  constexpr int kEmpty = 0x40;
  const int first = cursor_.peek();
  if (first == kEmpty) {
    TRY_VOID(cursor_.byte());
  } else if (first > kEmpty && first < 0x80) {
    TRY_VOID(cursor_.value_type());
  } else {
    const std::size_t start = cursor_.offset();
    TRY(const std::int64_t type, cursor_.s33());
    if (type < 0) return fail_at(start, "a block type is neither a value type nor an index");
  }
  return into.traits.immediates == Immediates::handlers ? handlers() : Result<void>{};
}

Result<void> InstructionReader::handlers() {
  TRY(const std::uint32_t count, cursor_.count());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t start = cursor_.offset();
    TRY(const std::uint8_t kind, cursor_.byte());
    // 0 catch and 1 catch_ref name a tag; 2 catch_all and 3 catch_all_ref don't.
    if (kind > 3) return fail_at(start, fmt::format("unknown catch clause {}", kind));
    if (kind < 2) TRY_VOID(cursor_.u32());
    TRY_VOID(cursor_.u32());
  }
  return {};
}

Result<void> InstructionReader::memory_access(Instruction& into) {
  constexpr std::uint32_t kHasIndex = 0x40;
  TRY(const std::uint32_t alignment, cursor_.u32());
  if ((alignment & kHasIndex) != 0) {
    TRY(into.memory_index, cursor_.u32());
  }
  TRY_VOID(cursor_.u64());
  if (into.traits.immediates == Immediates::memory_lane) return cursor_.skip(1);
  return {};
}

Result<void> skip_locals(Cursor& body) {
  TRY(const std::uint32_t groups, body.count());
  for (std::uint32_t i = 0; i < groups; ++i) {
    TRY_VOID(body.u32());
    TRY_VOID(body.value_type());
  }
  return {};
}

}  // namespace brink::module
