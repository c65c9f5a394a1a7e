#include <fmt/format.h>

#include <utility>

#include "module/module_reader.h"

namespace brink::module {
namespace {

constexpr std::uint32_t kMostValues = 1000;
constexpr std::uint32_t kMostFields = 10'000;

constexpr std::uint8_t kRecursionGroup = 0x4E;
constexpr std::uint8_t kSub = 0x50;
constexpr std::uint8_t kSubFinal = 0x4F;
constexpr std::uint8_t kFunctionForm = 0x60;
constexpr std::uint8_t kStructForm = 0x5F;
constexpr std::uint8_t kArrayForm = 0x5E;

// Bits of the byte in front of limits.
constexpr std::uint8_t kHasMaximum = 1;
constexpr std::uint8_t kShared = 2;
constexpr std::uint8_t kSixtyFour = 4;
constexpr std::uint8_t kPageSize = 8;

}  // namespace

/// One entry of the type section: a recursion group, or a group of one.
Result<void> ModuleReader::types(Cursor& at) {
  if (at.peek() != kRecursionGroup) return sub_type(at);
  TRY_VOID(at.byte());
  info_.features.add(Feature::garbage_collection);
  TRY(const std::uint32_t count, at.count());
  for (std::uint32_t i = 0; i < count; ++i) TRY_VOID(sub_type(at));
  return {};
}

Result<void> ModuleReader::sub_type(Cursor& at) {
  if (at.peek() == kSub || at.peek() == kSubFinal) {
    TRY_VOID(at.byte());
    info_.features.add(Feature::garbage_collection);
    TRY(const std::uint32_t supertypes, at.count());
    for (std::uint32_t i = 0; i < supertypes; ++i) TRY_VOID(at.u32());
  }
  return composite_type(at);
}

Result<void> ModuleReader::composite_type(Cursor& at) {
  const std::size_t start = at.offset();
  if (info_.types.size() == Cursor::kMostItems) return fail_at(start, "too many types");
  TRY(const std::uint8_t form, at.byte());
  Type type;
  if (form == kFunctionForm) {
    TRY(type.function, function_type(at));
  } else if (form == kStructForm || form == kArrayForm) {
    info_.features.add(Feature::garbage_collection);
    type.kind = form == kStructForm ? Type::Kind::structure : Type::Kind::array;
    std::uint32_t fields = 1;
    if (form == kStructForm) {
      TRY(fields, at.count(kMostFields));
    }
    for (std::uint32_t i = 0; i < fields; ++i) TRY_VOID(field(at));
  } else {
    return fail_at(start, fmt::format("unknown form of type 0x{:02x}", form));
  }
  info_.types.push_back(std::move(type));
  return {};
}

Result<FunctionType> ModuleReader::function_type(Cursor& at) {
  FunctionType type;
  TRY(type.parameters, value_types(at));
  TRY(type.results, value_types(at));
  if (type.results.size() > 1) info_.features.add(Feature::multi_value);
  return type;
}

Result<std::vector<ValueType>> ModuleReader::value_types(Cursor& at) {
  TRY(const std::uint32_t count, at.count(kMostValues));
  std::vector<ValueType> types;
  types.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY(const ValueType type, at.value_type());
    types.push_back(type);
  }
  return types;
}

/// A field of a struct or an array: a value type, i8 or i16, and mutability.
Result<void> ModuleReader::field(Cursor& at) {
  constexpr int kPackedI8 = 0x78;
  constexpr int kPackedI16 = 0x77;
  if (at.peek() == kPackedI8 || at.peek() == kPackedI16) {
    TRY_VOID(at.byte());
  } else {
    TRY_VOID(at.value_type());
  }
  return at.skip(1);
}

Result<Limits> ModuleReader::limits(Cursor& at, std::uint8_t flags) {
  Limits limits;
  limits.shared = (flags & kShared) != 0;
  const bool wide = (flags & kSixtyFour) != 0;
  limits.address = wide ? AddressType::i64 : AddressType::i32;
  if (limits.shared) info_.features.add(Feature::threads);
  if (wide) info_.features.add(Feature::memory64);
  const auto bound = [&]() -> Result<std::uint64_t> {
    if (wide) return at.u64();
    TRY(const std::uint32_t value, at.u32());
    return value;
  };
  TRY(limits.minimum, bound());
  if ((flags & kHasMaximum) != 0) {
    const std::size_t start = at.offset();
    TRY(limits.maximum, bound());
    if (*limits.maximum < limits.minimum) {
      return fail_at(start,
                     fmt::format("maximum {} below minimum {}", *limits.maximum, limits.minimum));
    }
  }
  return limits;
}

Result<TableType> ModuleReader::table_type(Cursor& at) {
  TableType type;
  TRY(type.element, at.reference_type());
  const std::size_t start = at.offset();
  TRY(const std::uint8_t flags, at.byte());
  if (flags > (kHasMaximum | kShared | kSixtyFour)) {
    return fail_at(start, fmt::format("unknown limits 0x{:02x}", flags));
  }
  TRY(type.limits, limits(at, flags));
  return type;
}

Result<MemoryType> ModuleReader::memory_type(Cursor& at) {
  MemoryType type;
  const std::size_t start = at.offset();
  TRY(const std::uint8_t flags, at.byte());
  if (flags > (kHasMaximum | kShared | kSixtyFour | kPageSize)) {
    return fail_at(start, fmt::format("unknown limits 0x{:02x}", flags));
  }
  TRY(type.limits, limits(at, flags));
  if ((flags & kPageSize) != 0) {
    info_.features.add(Feature::custom_page_sizes);
    const std::size_t at_size = at.offset();
    TRY(const std::uint32_t log2, at.u32());
    if (log2 > 16) return fail_at(at_size, fmt::format("page size 2^{} is above 2^16", log2));
    type.page_size_log2 = static_cast<std::uint8_t>(log2);
  }
  return type;
}

Result<GlobalType> ModuleReader::global_type(Cursor& at) {
  GlobalType type;
  TRY(type.value, at.value_type());
  const std::size_t start = at.offset();
  TRY(const std::uint8_t mutability, at.byte());
  if (mutability > 1) return fail_at(start, fmt::format("unknown mutability {}", mutability));
  type.is_mutable = mutability == 1;
  return type;
}

}  // namespace brink::module
