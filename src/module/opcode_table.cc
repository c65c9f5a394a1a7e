#include <array>
#include <cstddef>
#include <span>

#include "module/instructions.h"

namespace brink::module {
namespace {

using enum Feature;
using I = Immediates;

/// Opcodes first to last, both included, share their traits.
struct Row {
  std::uint16_t first;
  std::uint16_t last;
  Immediates immediates;
  Feature feature = mvp;
};

constexpr Row kPlain[] = {
    {0x00, 0x01, I::none},                          // unreachable, nop
    {0x02, 0x04, I::block},                         // block, loop, if
    {0x05, 0x05, I::none},                          // else
    {0x06, 0x06, I::block, legacy_exceptions},      // try
    {0x07, 0x07, I::index, legacy_exceptions},      // catch
    {0x08, 0x08, I::index, exceptions},             // throw
    {0x09, 0x09, I::index, legacy_exceptions},      // rethrow
    {0x0A, 0x0A, I::none, exceptions},              // throw_ref
    {0x0B, 0x0B, I::end},                           // end
    {0x0C, 0x0D, I::index},                         // br, br_if
    {0x0E, 0x0E, I::label_table},                   // br_table
    {0x0F, 0x0F, I::none},                          // return
    {0x10, 0x10, I::index},                         // call
    {0x11, 0x11, I::two_indices},                   // call_indirect
    {0x12, 0x12, I::index, tail_calls},             // return_call
    {0x13, 0x13, I::two_indices, tail_calls},       // return_call_indirect
    {0x14, 0x14, I::index, function_references},    // call_ref
    {0x15, 0x15, I::index, tail_calls},             // return_call_ref
    {0x18, 0x18, I::label_end, legacy_exceptions},  // delegate
    {0x19, 0x19, I::none, legacy_exceptions},       // catch_all
    {0x1A, 0x1B, I::none},                          // drop, select
    {0x1C, 0x1C, I::types, reference_types},        // select with types
    {0x1F, 0x1F, I::handlers, exceptions},          // try_table
    {0x20, 0x24, I::index},                         // local.get to global.set
    {0x25, 0x26, I::index, reference_types},        // table.get, table.set
    {0x28, 0x3E, I::memory},                        // loads and stores
    {0x3F, 0x40, I::index},                         // memory.size, memory.grow
    {0x41, 0x41, I::i32},                           // i32.const
    {0x42, 0x42, I::i64},                           // i64.const
    {0x43, 0x43, I::four_bytes},                    // f32.const
    {0x44, 0x44, I::eight_bytes},                   // f64.const
    {0x45, 0xBF, I::none},                          // comparisons, arithmetic, conversions
    {0xC0, 0xC4, I::none, sign_extension},          // i32.extend8_s to i64.extend32_s
    {0xD0, 0xD0, I::heap_type, reference_types},    // ref.null
    {0xD1, 0xD1, I::none, reference_types},         // ref.is_null
    {0xD2, 0xD2, I::index, reference_types},        // ref.func
    {0xD3, 0xD3, I::none, garbage_collection},      // ref.eq
    {0xD4, 0xD4, I::none, function_references},     // ref.as_non_null
    {0xD5, 0xD6, I::index, function_references},    // br_on_null, br_on_non_null
};

constexpr Row kCollector[] = {
    {0, 1, I::index, garbage_collection},          // struct.new, struct.new_default
    {2, 5, I::two_indices, garbage_collection},    // struct.get, _s, _u, struct.set
    {6, 7, I::index, garbage_collection},          // array.new, array.new_default
    {8, 10, I::two_indices, garbage_collection},   // array.new_fixed, _data, _elem
    {11, 14, I::index, garbage_collection},        // array.get, _s, _u, array.set
    {15, 15, I::none, garbage_collection},         // array.len
    {16, 16, I::index, garbage_collection},        // array.fill
    {17, 19, I::two_indices, garbage_collection},  // array.copy, array.init_data, _elem
    {20, 23, I::heap_type, garbage_collection},    // ref.test, ref.cast
    {24, 25, I::cast, garbage_collection},         // br_on_cast, br_on_cast_fail
    {26, 30, I::none, garbage_collection},         // conversions with extern and i31
};

constexpr Row kNumeric[] = {
    {0, 7, I::none, saturating_float_to_int},  // i32.trunc_sat_f32_s …
    {8, 8, I::two_indices, bulk_memory},       // memory.init
    {9, 9, I::index, bulk_memory},             // data.drop
    {10, 10, I::two_indices, bulk_memory},     // memory.copy
    {11, 11, I::index, bulk_memory},           // memory.fill
    {12, 12, I::two_indices, bulk_memory},     // table.init
    {13, 13, I::index, bulk_memory},           // elem.drop
    {14, 14, I::two_indices, bulk_memory},     // table.copy
    {15, 17, I::index, reference_types},       // table.grow, table.size, table.fill
    {19, 22, I::none, wide_arithmetic},        // i64.add128 to i64.mul_wide_u
};

constexpr Row kVector[] = {
    {0x00, 0x0B, I::memory, simd},         // loads and v128.store
    {0x0C, 0x0D, I::sixteen_bytes, simd},  // v128.const, i8x16.shuffle
    {0x0E, 0x14, I::none, simd},           // swizzle, splats
    {0x15, 0x22, I::lane, simd},           // extract_lane, replace_lane
    {0x23, 0x53, I::none, simd},           // comparisons, v128 bit operations
    {0x54, 0x5B, I::memory_lane, simd},    // v128.load8_lane to v128.store64_lane
    {0x5C, 0x5D, I::memory, simd},         // v128.load32_zero, v128.load64_zero
    {0x5E, 0x99, I::none, simd},           // from here on arithmetic, with gaps
    {0x9B, 0xA1, I::none, simd},           {0xA3, 0xA4, I::none, simd}, {0xA7, 0xAE, I::none, simd},
    {0xB1, 0xB1, I::none, simd},           {0xB5, 0xBA, I::none, simd}, {0xBC, 0xC1, I::none, simd},
    {0xC3, 0xC4, I::none, simd},           {0xC7, 0xCE, I::none, simd}, {0xD1, 0xD1, I::none, simd},
    {0xD5, 0xE1, I::none, simd},           {0xE3, 0xED, I::none, simd}, {0xEF, 0xFF, I::none, simd},
    {0x100, 0x113, I::none, relaxed_simd},
};

constexpr Row kAtomic[] = {
    {0x00, 0x02, I::memory, threads},  // notify, wait32, wait64
    {0x03, 0x03, I::zero, threads},    // atomic.fence
    {0x10, 0x4E, I::memory, threads},  // loads, stores, read-modify-write
};

template <std::size_t Size>
consteval std::array<OpcodeTraits, Size> expand(std::span<const Row> rows) {
  std::array<OpcodeTraits, Size> table{};
  for (const Row& row : rows) {
    for (std::size_t code = row.first; code <= row.last; ++code) {
      table[code] = {row.immediates, row.feature};
    }
  }
  return table;
}

constexpr auto kPlainTable = expand<0x100>(kPlain);
constexpr auto kCollectorTable = expand<31>(kCollector);
constexpr auto kNumericTable = expand<23>(kNumeric);
constexpr auto kVectorTable = expand<0x114>(kVector);
constexpr auto kAtomicTable = expand<0x4F>(kAtomic);

std::span<const OpcodeTraits> table_of(std::uint32_t prefix) {
  switch (prefix) {
    case 0:
      return kPlainTable;
    case 0xFB:
      return kCollectorTable;
    case 0xFC:
      return kNumericTable;
    case 0xFD:
      return kVectorTable;
    case 0xFE:
      return kAtomicTable;
    default:
      return {};
  }
}

}  // namespace

OpcodeTraits traits_of(Opcode opcode) {
  const auto table = table_of(opcode >> 16);
  const std::uint32_t code = opcode & 0xFFFFU;
  return code < table.size() ? table[code] : OpcodeTraits{};
}

}  // namespace brink::module
