#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/module_reader.h"
#include "module/rewriter.h"
#include "module/test_module.h"

namespace brink::module {
namespace {

using testing::Bytes;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TestModule;

const Bytes kFill = bytes_of({0x20, 0, 0x20, 1, 0x20, 2, 0xFC, 0x0B, 0});

constexpr RewriteOptions kOwn{.memory_owner = MemoryOwner::instance};

Bytes rewritten(const Bytes& bytes, const RewriteOptions& options) {
  const auto info = read_module(bytes);
  EXPECT_TRUE(info) << info.error().text();
  auto result = rewrite(bytes, *info, options);
  EXPECT_TRUE(result) << result.error().text();
  return *result;
}

ModuleInfo outcome(const TestModule& module, const RewriteOptions& options = kOwn) {
  auto info = read_module(rewritten(module.bytes(), options));
  EXPECT_TRUE(info) << info.error().text();
  return *info;
}

std::vector<std::string> import_names(const ModuleInfo& info) {
  std::vector<std::string> names;
  for (const Import& import : info.imports) names.push_back(import.name);
  return names;
}

std::vector<int> section_ids(const ModuleInfo& info) {
  std::vector<int> ids;
  for (const Section& section : info.sections) ids.push_back(section.id);
  return ids;
}

/// Imports two functions with the shared memory between them; no memory section.
TestModule threaded_build() {
  TestModule module;
  const auto type = module.type("iii", "");
  module.import_function("wasi", "before", type);
  module.import_other("env", "memory", ExternKind::memory, {3, 2, 0x80, 0x80, 4});
  module.import_function("wasi", "after", type);
  module.export_("fill", ExternKind::function, module.function(type, kFill));
  return module;
}

TEST(OwnMemory, ReplacesTheImportOfASharedMemory) {
  const ModuleInfo info = outcome(threaded_build());
  EXPECT_THAT(import_names(info), ElementsAre("before", "after"));
  EXPECT_EQ(info.imported_memories, 0U);
  ASSERT_EQ(info.memories.size(), 1U);
  EXPECT_EQ(info.memories[0].limits, (Limits{.minimum = 2, .maximum = 65536}));
  ASSERT_NE(info.find_export("memory"), nullptr);
  EXPECT_EQ(info.find_export("memory")->kind, ExternKind::memory);
  EXPECT_EQ(info.find_export("fill")->index, 2U) << "no function moves";
}

TEST(OwnMemory, ReplacesTheImportOfAPlainMemory) {
  TestModule module;
  module.import_other("env", "memory", ExternKind::memory, {0, 3});
  const ModuleInfo info = outcome(module);
  EXPECT_THAT(info.imports, IsEmpty());
  EXPECT_EQ(info.memories[0].limits, (Limits{.minimum = 3, .maximum = {}}));
  EXPECT_NE(info.find_export("memory"), nullptr) << "in an export section of its own";
}

TEST(OwnMemory, KeepsAnExportThatTheModuleHas) {
  TestModule module = threaded_build();
  module.export_("memory", ExternKind::memory, 0);
  EXPECT_EQ(outcome(module).exports.size(), 2U);
}

TEST(OwnMemory, StaysTheFirstOfSeveral) {
  TestModule module = threaded_build();
  module.memory({0, 7});
  const ModuleInfo info = outcome(module);
  ASSERT_EQ(info.memories.size(), 2U);
  EXPECT_EQ(info.memories[0].limits.minimum, 2U);
  EXPECT_EQ(info.memories[1].limits.minimum, 7U);
}

TEST(OwnMemory, IsNotMadeWhenImportedMemoriesWouldChangePlaces) {
  TestModule module = threaded_build();
  module.import_other("env", "second", ExternKind::memory, {0, 1});
  const RewriteOptions options{.memory_owner = MemoryOwner::instance, .bulk_piece = std::nullopt};
  EXPECT_EQ(rewritten(module.bytes(), options), module.bytes());
}

TEST(OwnMemory, IsNoLongerSharedIfTheModuleDefinedItSo) {
  TestModule module;
  module.memory({3, 1, 9});
  EXPECT_EQ(outcome(module).memories[0].limits, (Limits{.minimum = 1, .maximum = 9}));
}

TEST(OwnMemory, PutsNewSectionsInThePrescribedOrder) {
  TestModule module;
  module.import_other("env", "memory", ExternKind::memory, {3, 1, 2});
  module.custom("first", "a custom section stays behind");
  EXPECT_THAT(section_ids(outcome(module)), ElementsAre(2, 5, 7, 0));
  module.function(module.type("", ""), {});
  module.table({0x70, 0, 1});
  module.passive_data("text");
  EXPECT_THAT(section_ids(outcome(module)), ElementsAre(1, 2, 3, 4, 5, 7, 12, 10, 11, 0));
}

TEST(OwnMemory, GoesTogetherWithInstructionsInPiecesAndNames) {
  TestModule module = threaded_build();
  module.passive_data("text");
  Writer names;
  names.byte(1);
  names.unsigned_number(4);
  names.raw(bytes_of({1, 2, 1, 'f'}));
  names.byte(6);  // memory names
  names.unsigned_number(4);
  names.raw(bytes_of({1, 0, 1, 'm'}));
  const auto view = names.view();
  module.custom("name", {reinterpret_cast<const char*>(view.data()), view.size()});
  const Bytes bytes = rewritten(module.bytes(), {.memory_owner = MemoryOwner::instance,
                                                 .memory_minimum = 5,
                                                 .memory_maximum = 50,
                                                 .bulk_piece = ByteSize(10)});
  const auto info = read_module(bytes);
  ASSERT_TRUE(info) << info.error().text();
  EXPECT_EQ(info->functions.size(), 4U) << "one appended";
  EXPECT_EQ(info->memories[0].limits, (Limits{.minimum = 5, .maximum = 50}));
  EXPECT_THAT(info->data_sizes, ElementsAre(4));
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_THAT(text, HasSubstr("memory.fill in pieces"));
  EXPECT_THAT(text, HasSubstr(std::string("\6\4\1\0\1m", 6)));
}

TEST(OwnMemory, IsNotWantedByDefault) {
  const Bytes bytes = threaded_build().bytes();
  EXPECT_EQ(rewritten(bytes, {.bulk_piece = std::nullopt}), bytes);
}

TEST(AnImportedMemory, KeepsItsMinimumAndTakesALowerMaximum) {
  const ModuleInfo info =
      outcome(threaded_build(), {.memory_minimum = 300, .memory_maximum = 2048});
  EXPECT_TRUE(info.imports_shared_memory());
  EXPECT_EQ(info.memories[0].limits, (Limits{.minimum = 2, .maximum = 2048, .shared = true}));
  EXPECT_EQ(info.find_export("memory"), nullptr);
}

}  // namespace
}  // namespace brink::module
