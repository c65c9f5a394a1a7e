#include "module/rewriter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/test_module.h"

namespace brink::module {
namespace {

using namespace brink::literals;
using testing::Bytes;
using testing::bytes_of;
using testing::TestModule;

const Bytes kFill = bytes_of({0x20, 0, 0x20, 1, 0x20, 2, 0xFC, 0x0B, 0});
const Bytes kCopy = bytes_of({0x20, 0, 0x20, 1, 0x20, 2, 0xFC, 0x0A, 0, 0});
const Bytes kTableFill = bytes_of({0x20, 0, 0xD0, 0x70, 0x20, 1, 0xFC, 0x11, 0});

Bytes rewritten(const Bytes& bytes, const RewriteOptions& options = {}) {
  const auto info = read_module(bytes);
  EXPECT_TRUE(info) << info.error().text();
  auto result = rewrite(bytes, *info, options);
  EXPECT_TRUE(result) << result.error().text();
  return *result;
}

ModuleInfo read_again(const Bytes& bytes) {
  auto info = read_module(bytes);
  EXPECT_TRUE(info) << info.error().text();
  return *info;
}

std::vector<Opcode> opcodes(const Bytes& bytes, std::size_t body) {
  const ModuleInfo info = read_again(bytes);
  Cursor code(bytes, info.bodies[body]);
  EXPECT_TRUE(skip_locals(code));
  InstructionReader reader(code);
  std::vector<Opcode> found;
  while (!reader.done()) found.push_back(reader.next()->opcode);
  return found;
}

TestModule with_memory(std::initializer_list<int> type, const Bytes& code) {
  TestModule module;
  const auto signature = module.type("iii", "");
  module.memory(type);
  module.export_("f", ExternKind::function, module.function(signature, code));
  return module;
}

TEST(Rewriter, GivesTheInputBackWhenNothingApplies) {
  TestModule module = with_memory({0, 1}, bytes_of({0x01}));
  module.custom(".debug_info", "kept, since no code moves");
  EXPECT_EQ(rewritten(module.bytes()), module.bytes());
}

TEST(Rewriter, LeavesALongFormNumberInASectionItDoesNotTouch) {
  // A section size of 1 spelled in five bytes, as linkers write it.
  Bytes bytes = bytes_of({0, 'a', 's', 'm', 1, 0, 0, 0, 1, 0x81, 0x80, 0x80, 0x80, 0x00, 0});
  EXPECT_EQ(rewritten(bytes), bytes);
}

TEST(Rewriter, RaisesTheMinimum) {
  const auto info =
      read_again(rewritten(with_memory({0, 1}, bytes_of({1})).bytes(), {.memory_minimum = 300}));
  EXPECT_EQ(info.memories[0].limits.minimum, 300U);
  EXPECT_EQ(info.memories[0].limits.maximum, std::nullopt);
}

TEST(Rewriter, DoesNotLowerTheMinimum) {
  const Bytes bytes = with_memory({0, 7}, bytes_of({1})).bytes();
  EXPECT_EQ(rewritten(bytes, {.memory_minimum = 3}), bytes);
}

TEST(Rewriter, DoesNotRaiseTheMinimumAboveTheModulesOwnMaximum) {
  const auto info =
      read_again(rewritten(with_memory({1, 1, 5}, bytes_of({1})).bytes(), {.memory_minimum = 300}));
  EXPECT_EQ(info.memories[0].limits.minimum, 5U);
}

TEST(Rewriter, InsertsAMaximumAndLowersALargerOne) {
  for (const auto& bytes : {with_memory({0, 1}, bytes_of({1})).bytes(),
                            with_memory({1, 1, 0x80, 0x80, 4}, bytes_of({1})).bytes()}) {
    const auto info = read_again(rewritten(bytes, {.memory_maximum = 2048}));
    EXPECT_EQ(info.memories[0].limits.maximum, 2048U);
    EXPECT_EQ(info.memories[0].limits.minimum, 1U);
  }
}

TEST(Rewriter, KeepsASmallerMaximum) {
  const Bytes bytes = with_memory({1, 1, 5}, bytes_of({1})).bytes();
  EXPECT_EQ(rewritten(bytes, {.memory_maximum = 2048}), bytes);
}

TEST(Rewriter, InsertsNoMaximumThatTheAddressTypeCannotHave) {
  const Bytes bytes = with_memory({0, 1}, bytes_of({1})).bytes();
  EXPECT_EQ(rewritten(bytes, {.memory_maximum = 1'000'000}), bytes);
}

TEST(Rewriter, RefusesAMinimumAboveTheCap) {
  const Bytes bytes = with_memory({0, 32}, bytes_of({1})).bytes();
  const auto result = rewrite(bytes, read_again(bytes), {.memory_maximum = 16});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the module's memory begins with 2MiB; the limit is 1MiB");
}

TEST(Rewriter, ChangesAnImportedMemoryAndKeepsItShared) {
  TestModule module;
  module.import_other("env", "memory", ExternKind::memory, {3, 1, 0x80, 0x80, 4});
  module.import_other("env", "other", ExternKind::global, {0x7F, 0});
  const auto info = read_again(rewritten(module.bytes(), {.memory_maximum = 100}));
  EXPECT_EQ(info.memories[0].limits.maximum, 100U);
  EXPECT_TRUE(info.memories[0].limits.shared);
  EXPECT_EQ(info.imports[1].name, "other");
}

TEST(Rewriter, CountsSmallPagesByTheirSize) {
  // Pages of one byte: 65536 of them are one page of 64 KiB.
  const Bytes bytes = with_memory({8, 10, 0}, bytes_of({1})).bytes();
  const auto info = read_again(rewritten(bytes, {.memory_maximum = 1}));
  EXPECT_EQ(info.memories[0].limits.maximum, 65536U);
  EXPECT_EQ(info.memories[0].page_size_log2, 0);
}

TEST(Rewriter, ReplacesALongFillByACallOfAnAppendedFunction) {
  const Bytes before = with_memory({0, 64}, kFill).bytes();
  const Bytes after = rewritten(before);
  const auto info = read_again(after);
  EXPECT_EQ(info.functions.size(), 2U);
  EXPECT_THAT(opcodes(after, 0),
              ::testing::ElementsAre(0x20U, 0x20U, 0x20U, opcode::kCall, opcode::kEnd));
  EXPECT_THAT(opcodes(after, 1), ::testing::Contains(opcode::kMemoryFill).Times(2));
  EXPECT_EQ(*info.function_type(1), *info.function_type(0));
  EXPECT_EQ(info.find_export("f")->index, 0U);
}

TEST(Rewriter, SharesOneFunctionAmongEqualInstructions) {
  TestModule module = with_memory({0, 64}, kFill);
  module.function(0, kFill);
  module.function(0, kCopy);
  const auto info = read_again(rewritten(module.bytes()));
  EXPECT_EQ(info.functions.size(), 3U + 2U);
  EXPECT_EQ(info.types.size(), 2U) << "fill and copy have one type";
}

TEST(Rewriter, LeavesALengthThatIsAShortConstant) {
  const Bytes code = bytes_of({0x20, 0, 0x20, 1, 0x41, 0xC0, 0x00, 0xFC, 0x0B, 0});
  const Bytes bytes = with_memory({0, 64}, code).bytes();
  EXPECT_EQ(rewritten(bytes), bytes);
  EXPECT_NE(rewritten(bytes, {.bulk_piece = 63_B}), bytes);
}

TEST(Rewriter, TakesANegativeConstantForTheLongLengthItIs) {
  const Bytes code = bytes_of({0x20, 0, 0x20, 1, 0x41, 0x7F, 0xFC, 0x0B, 0});
  const Bytes bytes = with_memory({0, 64}, code).bytes();
  EXPECT_NE(rewritten(bytes), bytes);
}

TEST(Rewriter, LeavesMemoriesThatCannotBecomeLargerThanAPiece) {
  const Bytes small = with_memory({1, 1, 16}, kFill).bytes();
  EXPECT_EQ(rewritten(small), small);
  const Bytes capped = with_memory({1, 1, 32}, kFill).bytes();
  EXPECT_EQ(read_again(rewritten(capped, {.memory_maximum = 16})).functions.size(), 1U);
  EXPECT_EQ(read_again(rewritten(capped)).functions.size(), 2U);
}

TEST(Rewriter, LeavesAnInitOfAShortSegment) {
  const Bytes init = bytes_of({0x20, 0, 0x20, 1, 0x20, 2, 0xFC, 0x08, 0, 0});
  TestModule module = with_memory({0, 64}, init);
  module.passive_data("0123456789");
  EXPECT_EQ(rewritten(module.bytes()), module.bytes());
  EXPECT_EQ(read_again(rewritten(module.bytes(), {.bulk_piece = 4_B})).functions.size(), 2U);
}

TEST(Rewriter, LeavesInstructionsThatNameMissingThings) {
  TestModule module;
  module.function(module.type("iii", ""), kFill);
  EXPECT_EQ(rewritten(module.bytes()), module.bytes());
}

TestModule with_table(std::initializer_list<int> type, const Bytes& code) {
  TestModule module;
  const auto signature = module.type("ii", "");
  module.table(type);
  module.function(signature, code);
  return module;
}

TEST(Rewriter, SplitsTableInstructionsOnlyWhereATableMayBecomeLarge) {
  const Bytes grow = bytes_of({0xD0, 0x70, 0x41, 1, 0xFC, 0x0F, 0, 0x1A});
  TestModule fixed = with_table({0x70, 0, 10}, kTableFill);
  EXPECT_EQ(rewritten(fixed.bytes()), fixed.bytes());

  TestModule growing = with_table({0x70, 0, 10}, kTableFill);
  growing.function(0, grow);
  EXPECT_EQ(read_again(rewritten(growing.bytes())).functions.size(), 3U);

  TestModule bounded = with_table({0x70, 1, 10, 0x80, 0x10}, kTableFill);
  bounded.function(0, grow);
  EXPECT_EQ(rewritten(bounded.bytes()), bounded.bytes());

  TestModule exported = with_table({0x70, 0, 10}, kTableFill);
  exported.export_("t", ExternKind::table, 0);
  EXPECT_EQ(read_again(rewritten(exported.bytes())).functions.size(), 2U);
}

TEST(Rewriter, DropsCodeOffsetsAndKeepsNamesWhenCodeMoves) {
  TestModule module = with_memory({0, 64}, kFill);
  for (const auto* name : {".debug_line", "sourceMappingURL", "metadata.code.branch_hint",
                           "reloc.CODE", "name", "producers"}) {
    module.custom(name, "content");
  }
  const auto info = read_again(rewritten(module.bytes()));
  std::vector<std::string> left;
  for (const Section& section : info.sections) {
    if (section.id == 0) left.push_back(section.custom_name);
  }
  EXPECT_THAT(left, ::testing::ElementsAre("name", "producers"));
}

TEST(Rewriter, DoesAllAtOnceAndIsDeterministic) {
  const Bytes bytes = with_memory({0, 64}, kCopy).bytes();
  const RewriteOptions options{.memory_minimum = 100, .memory_maximum = 200};
  const Bytes once = rewritten(bytes, options);
  EXPECT_EQ(once, rewritten(bytes, options));
  const auto info = read_again(once);
  EXPECT_EQ(info.memories[0].limits.minimum, 100U);
  EXPECT_EQ(info.memories[0].limits.maximum, 200U);
  EXPECT_EQ(info.functions.size(), 2U);
}

}  // namespace
}  // namespace brink::module
