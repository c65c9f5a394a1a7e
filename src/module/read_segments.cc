#include <fmt/format.h>

#include "module/module_reader.h"

namespace brink::module {
namespace {

// Bits of an element segment's flags (core specification 5.5.12).
constexpr std::uint32_t kNotActive = 1;
constexpr std::uint32_t kExplicit = 2;
constexpr std::uint32_t kExpressions = 4;

/// Whether it fills or copies as many elements as its operands say.
bool touches_an_array(Opcode opcode) {
  switch (opcode) {
    case opcode::kArrayNew:
    case opcode::kArrayNewDefault:
    case opcode::kArrayNewData:
    case opcode::kArrayNewElem:
    case opcode::kArrayFill:
    case opcode::kArrayCopy:
    case opcode::kArrayInitData:
    case opcode::kArrayInitElem:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> ModuleReader::element(Cursor& at) {
  const std::size_t start = at.offset();
  TRY(const std::uint32_t flags, at.u32());
  if (flags > 7) return fail_at(start, fmt::format("unknown element segment {}", flags));
  const bool expressions = (flags & kExpressions) != 0;
  if ((flags & kNotActive) == 0) {
    if ((flags & kExplicit) != 0) TRY_VOID(at.u32());
    TRY_VOID(expression(at));
  }
  if ((flags & (kNotActive | kExplicit)) != 0) {
    if (expressions) {
      TRY_VOID(at.reference_type());
    } else {
      TRY_VOID(at.byte());
    }
  }
  TRY(const std::uint32_t count, at.count());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (expressions) {
      TRY_VOID(expression(at));
    } else {
      TRY_VOID(at.u32());
    }
  }
  info_.element_counts.push_back(count);
  return {};
}

Result<void> ModuleReader::data(Cursor& at) {
  const std::size_t start = at.offset();
  TRY(const std::uint32_t flags, at.u32());
  if (flags > 2) return fail_at(start, fmt::format("unknown data segment {}", flags));
  if (flags == 2) TRY_VOID(at.u32());
  if (flags != 1) TRY_VOID(expression(at));
  TRY(const std::uint32_t size, at.u32());
  TRY_VOID(at.skip(size));
  info_.data_sizes.push_back(size);
  return {};
}

Result<void> ModuleReader::body(Cursor& at) {
  const std::size_t start = at.offset();
  if (info_.bodies.empty()) info_.first_body = start;
  TRY(const std::uint32_t size, at.u32());
  const Range range{at.offset(), size};
  TRY_VOID(at.skip(size));
  Cursor code(bytes_, range);
  TRY_VOID(skip_locals(code));
  TRY_VOID(expression(code));
  if (!code.at_end()) {
    return fail_at(code.offset(), fmt::format("{} bytes behind the end of the function at byte {}",
                                              code.remaining(), start));
  }
  info_.bodies.push_back(range);
  return {};
}

Result<void> ModuleReader::expression(Cursor& at) {
  InstructionReader reader(at);
  while (!reader.done()) {
    TRY(const Instruction instruction, reader.next());
    info_.features.add(instruction.traits.feature);
    if (instruction.traits.feature == Feature::legacy_exceptions && !info_.legacy_exception) {
      info_.legacy_exception = instruction.range.offset;
    }
    if (touches_an_array(instruction.opcode) && !info_.array_operation) {
      info_.array_operation = instruction.range.offset;
    }
  }
  return {};
}

}  // namespace brink::module
