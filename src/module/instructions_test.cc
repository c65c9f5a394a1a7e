#include "module/instructions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/test_module.h"

namespace brink::module {
namespace {

using testing::Bytes;
using testing::bytes_of;

/// Each instruction of the expression `bytes`, or the error.
Result<std::vector<Instruction>> walk(const Bytes& bytes) {
  Cursor at(bytes, {0, bytes.size()});
  InstructionReader reader(at);
  std::vector<Instruction> found;
  while (!reader.done()) {
    TRY(const Instruction next, reader.next());
    found.push_back(next);
  }
  if (!at.at_end()) return fail_at(at.offset(), "not all was read");
  return found;
}

struct Sample {
  const char* name;
  std::initializer_list<int> bytes;
  Feature feature = Feature::mvp;
};

/// One of each layout of immediates, and the borders of the opcode ranges.
const Sample kSamples[] = {
    {"unreachable", {0x00}},
    {"br", {0x0C, 0x80, 0x01}},
    {"br_table", {0x0E, 2, 0, 1, 2}},
    {"call", {0x10, 0xFF, 0x01}},
    {"call_indirect", {0x11, 1, 0}},
    {"return_call", {0x12, 1}, Feature::tail_calls},
    {"return_call_indirect", {0x13, 1, 0}, Feature::tail_calls},
    {"call_ref", {0x14, 1}, Feature::function_references},
    {"return_call_ref", {0x15, 1}, Feature::tail_calls},
    {"select with types", {0x1C, 1, 0x7F}, Feature::reference_types},
    {"i32.load", {0x28, 2, 0x80, 0x08}},
    {"i64.store32 in memory 1", {0x3E, 0x42, 1, 0}},
    {"memory.grow", {0x40, 0}},
    {"i32.const", {0x41, 0x80, 0x7F}},
    {"i64.const", {0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F}},
    {"f32.const", {0x43, 0x0B, 0x0B, 0x0B, 0x0B}},
    {"f64.const", {0x44, 1, 2, 3, 4, 5, 6, 7, 8}},
    {"i64.extend32_s", {0xC4}, Feature::sign_extension},
    {"ref.null func", {0xD0, 0x70}, Feature::reference_types},
    {"br_on_non_null", {0xD6, 0}, Feature::function_references},
    {"throw", {0x08, 0}, Feature::exceptions},
    {"throw_ref", {0x0A}, Feature::exceptions},
    {"rethrow", {0x09, 0}, Feature::legacy_exceptions},
    {"struct.get", {0xFB, 2, 1, 3}, Feature::garbage_collection},
    {"array.new_fixed", {0xFB, 8, 1, 3}, Feature::garbage_collection},
    {"array.len", {0xFB, 15}, Feature::garbage_collection},
    {"ref.cast null any", {0xFB, 23, 0x6E}, Feature::garbage_collection},
    {"br_on_cast", {0xFB, 24, 3, 0, 0x6E, 5}, Feature::garbage_collection},
    {"i31.get_u", {0xFB, 30}, Feature::garbage_collection},
    {"i64.trunc_sat_f64_u", {0xFC, 7}, Feature::saturating_float_to_int},
    {"memory.init", {0xFC, 8, 3, 0}, Feature::bulk_memory},
    {"data.drop", {0xFC, 9, 3}, Feature::bulk_memory},
    {"memory.copy", {0xFC, 10, 0, 0}, Feature::bulk_memory},
    {"memory.fill spelled long", {0xFC, 0x8B, 0x80, 0x00, 0}, Feature::bulk_memory},
    {"table.init", {0xFC, 12, 1, 0}, Feature::bulk_memory},
    {"elem.drop", {0xFC, 13, 1}, Feature::bulk_memory},
    {"table.copy", {0xFC, 14, 1, 0}, Feature::bulk_memory},
    {"table.fill", {0xFC, 17, 1}, Feature::reference_types},
    {"i64.mul_wide_u", {0xFC, 22}, Feature::wide_arithmetic},
    {"v128.load", {0xFD, 0, 4, 0}, Feature::simd},
    {"v128.const", {0xFD, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, Feature::simd},
    {"i8x16.shuffle",
     {0xFD, 13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
     Feature::simd},
    {"i8x16.splat", {0xFD, 15}, Feature::simd},
    {"f64x2.replace_lane", {0xFD, 34, 1}, Feature::simd},
    {"v128.store64_lane", {0xFD, 91, 3, 8, 1}, Feature::simd},
    {"v128.load64_zero", {0xFD, 93, 3, 8}, Feature::simd},
    {"f64x2.convert_low_i32x4_u", {0xFD, 0xFF, 0x01}, Feature::simd},
    {"i32x4.relaxed_dot", {0xFD, 0x93, 0x02}, Feature::relaxed_simd},
    {"memory.atomic.wait64", {0xFE, 2, 3, 0}, Feature::threads},
    {"atomic.fence", {0xFE, 3, 0}, Feature::threads},
    {"i64.atomic.rmw32.cmpxchg_u", {0xFE, 0x4E, 2, 0}, Feature::threads},
};

TEST(InstructionReader, KnowsTheImmediatesOfEveryLayout) {
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.name);
    Bytes bytes = bytes_of(sample.bytes);
    bytes.push_back(std::byte{0x01});  // a nop behind it, and the end
    bytes.push_back(std::byte{0x0B});
    const auto found = walk(bytes);
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->size(), 3U);
    EXPECT_EQ((*found)[0].range, (Range{0, bytes.size() - 2}));
    EXPECT_EQ((*found)[0].traits.feature, sample.feature);
    EXPECT_EQ((*found)[1].opcode, 0x01U);
  }
}

TEST(InstructionReader, FailsOnEveryInstructionThatIsCutShort) {
  for (const Sample& sample : kSamples) {
    const Bytes whole = bytes_of(sample.bytes);
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      EXPECT_FALSE(walk({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}))
          << sample.name;
    }
  }
}

TEST(InstructionReader, YieldsIndicesAndConstants) {
  const auto found = walk(bytes_of({0xFC, 8, 3, 1, 0x41, 0x80, 0x7F, 0x28, 0x42, 5, 0, 0x0B}));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ((*found)[0].opcode, opcode::kMemoryInit);
  EXPECT_EQ((*found)[0].first, 3U);
  EXPECT_EQ((*found)[0].second, 1U);
  EXPECT_EQ((*found)[1].constant, -128);
  EXPECT_EQ((*found)[2].memory_index, 5U);
}

TEST(InstructionReader, FollowsBlocksOfEveryKindToTheLastEnd) {
  EXPECT_TRUE(walk(bytes_of({0x02, 0x40, 0x03, 0x7F, 0x41, 0, 0x0B, 0x1A, 0x0B, 0x0B})));
  EXPECT_TRUE(walk(bytes_of({0x41, 0, 0x04, 0x05, 0x05, 0x0B, 0x0B}))) << "type index";
  EXPECT_TRUE(walk(bytes_of({0x02, 0x63, 0x05, 0x0B, 0x0B}))) << "reference to type 5";
  EXPECT_TRUE(walk(bytes_of({0x06, 0x40, 0x07, 0, 0x19, 0x0B, 0x0B}))) << "try, catch, catch_all";
  EXPECT_TRUE(walk(bytes_of({0x06, 0x40, 0x18, 0, 0x0B}))) << "try, delegate";
  EXPECT_TRUE(walk(bytes_of({0x1F, 0x40, 4, 0, 1, 0, 1, 1, 0, 2, 0, 3, 0, 0x0B, 0x0B})))
      << "try_table with all four clauses";
}

TEST(InstructionReader, RefusesWhatDoesNotNest) {
  EXPECT_FALSE(walk(bytes_of({0x02, 0x40, 0x0B}))) << "one end missing";
  EXPECT_FALSE(walk(bytes_of({0x0B, 0x01}))) << "bytes behind the end";
  EXPECT_FALSE(walk(bytes_of({0x18, 0, 0x0B}))) << "delegate without a try";
  EXPECT_FALSE(walk(bytes_of({0x02, 0xC0, 0x7E, 0x0B, 0x0B}))) << "negative block type";
  EXPECT_FALSE(walk(bytes_of({0x1F, 0x40, 1, 4, 0, 0, 0x0B, 0x0B}))) << "fifth catch clause";
}

TEST(InstructionReader, NamesUnknownInstructionsWithTheirPlace) {
  const auto plain = walk(bytes_of({0x01, 0x27, 0x0B}));
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().message, "at byte 1: unknown instruction 0x27");
  const auto prefixed = walk(bytes_of({0xFD, 0x9A, 0x01, 0x0B}));
  ASSERT_FALSE(prefixed);
  EXPECT_EQ(prefixed.error().message, "at byte 0: unknown instruction 0xfd 154");
  EXPECT_FALSE(walk(bytes_of({0xFC, 0x8B, 0x80, 0x80, 0x80, 0x01, 0x0B})))
      << "must not wrap around to memory.fill";
  EXPECT_FALSE(walk(bytes_of({0xE0, 0, 0x0B}))) << "stack switching";
  EXPECT_FALSE(walk(bytes_of({0xFF, 0x0B})));
}

TEST(SkipLocals, ReadsEveryGroup) {
  const Bytes bytes = bytes_of({2, 0x80, 0x01, 0x7F, 1, 0x63, 0x05, 0x0B});
  Cursor body(bytes, {0, bytes.size()});
  ASSERT_TRUE(skip_locals(body));
  EXPECT_EQ(body.offset(), 7U);
}

}  // namespace
}  // namespace brink::module
