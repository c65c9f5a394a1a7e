#include "module/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/dialect.h"
#include "module/test_module.h"

namespace brink::module {
namespace {

using namespace std::string_view_literals;
using testing::Bytes;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestModule;

std::string error_of(const Bytes& bytes) {
  const auto info = read_module(bytes);
  return info ? "no error" : info.error().text();
}

/// A module of one raw section.
Bytes with_section(std::initializer_list<int> section) {
  Bytes bytes = bytes_of({0, 'a', 's', 'm', 1, 0, 0, 0});
  const Bytes rest = bytes_of(section);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

TEST(ReadModule, SaysWhatOtherFilesAre) {
  EXPECT_THAT(error_of({}), StartsWith("the file is empty"));
  EXPECT_THAT(error_of(bytes_of(" \n(module (func))"sv)), HasSubstr("text (.wat)"));
  EXPECT_THAT(error_of(bytes_of(";; comment\n(module)"sv)), HasSubstr("text (.wat)"));
  EXPECT_THAT(error_of(bytes_of("\0asm\x0d\0\x01\0"sv)),
              HasSubstr("this is a component; brink serves core modules; build for wasm32-wasip1"));
  EXPECT_THAT(error_of(bytes_of("\x7f"
                                "ELF\2\1\1"sv)),
              HasSubstr("(ELF)"));
  EXPECT_THAT(error_of(bytes_of("\x1f\x8b\x08"sv)), HasSubstr("gunzip"));
  EXPECT_THAT(error_of(bytes_of("\0webc002"sv)), HasSubstr("WEBC"));
  EXPECT_THAT(error_of(bytes_of("#!/bin/sh\n"sv)), HasSubstr("script"));
  EXPECT_THAT(error_of(bytes_of("hello"sv)), HasSubstr("not WebAssembly"));
  EXPECT_THAT(error_of(bytes_of("\0asm\1"sv)), HasSubstr("ends after 5 bytes"));
  EXPECT_THAT(error_of(bytes_of("\0asm\2\0\0\0"sv)), HasSubstr("version 2"));
}

TEST(ReadModule, ReadsAnEmptyModule) {
  const auto info = read_module(with_section({}));
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->sections.empty());
}

TEST(ReadModule, ReadsEverySection) {
  TestModule module;
  const auto type = module.type("iI", "f");
  module.import_function("env", "f", type);
  module.import_other("env", "m", ExternKind::memory, {3, 1, 2});
  module.import_other("env", "g", ExternKind::global, {0x7F, 1});
  module.import_other("env", "e", ExternKind::tag, {0, 0});
  module.function(type, bytes_of({0x43, 0, 0, 0, 0}));
  module.table({0x70, 1, 1, 2});
  module.table({0x40, 0, 0x70, 0, 1, 0xD0, 0x70, 0x0B});
  module.entry(6, bytes_of({0x7E, 0, 0x42, 5, 0x0B}));
  module.export_("run", ExternKind::function, 1);
  module.passive_functions({0, 1, 1});
  module.passive_data("abcd");
  module.custom("producers", "x");
  module.custom("name", "");
  const Bytes bytes = module.bytes();
  const auto info = read_module(bytes);
  ASSERT_TRUE(info) << info.error().text();
  EXPECT_EQ(signature_text(*info->function_type(1)), "(i32, i64) -> f32");
  EXPECT_EQ(info->function_type(2), nullptr);
  EXPECT_EQ(info->imports.size(), 4U);
  EXPECT_EQ(info->imported_functions, 1U);
  EXPECT_EQ(info->imported_memories, 1U);
  EXPECT_TRUE(info->imports_shared_memory());
  EXPECT_TRUE(info->imports_from("env"));
  EXPECT_EQ(info->tables.size(), 2U);
  EXPECT_EQ(info->tables[0].limits.maximum, 2U);
  EXPECT_TRUE(info->globals[0].is_mutable);
  EXPECT_EQ(info->globals[1].value, kI64);
  EXPECT_EQ(info->find_export("run")->index, 1U);
  EXPECT_EQ(info->find_export("other"), nullptr);
  EXPECT_THAT(info->element_counts, ElementsAre(3U));
  EXPECT_THAT(info->data_sizes, ElementsAre(4U));
  ASSERT_NE(info->find_custom("producers"), nullptr);
  EXPECT_EQ(info->find_custom("producers")->custom_content.size, 1U);
  EXPECT_EQ(info->find_custom("cgi-dialect"), nullptr);
  ASSERT_EQ(info->bodies.size(), 1U);
  EXPECT_EQ(info->bodies[0].size, 7U);
  EXPECT_TRUE(info->features.has(Feature::threads));
  EXPECT_FALSE(info->features.has(Feature::simd));
}

TEST(ReadModule, ReadsAllElementSegmentForms) {
  for (const auto& segment :
       {bytes_of({0, 0x41, 0, 0x0B, 1, 0}), bytes_of({1, 0, 1, 0}),
        bytes_of({2, 0, 0x41, 0, 0x0B, 0, 1, 0}), bytes_of({3, 0, 1, 0}),
        bytes_of({4, 0x41, 0, 0x0B, 1, 0xD2, 0, 0x0B}), bytes_of({5, 0x70, 1, 0xD2, 0, 0x0B}),
        bytes_of({6, 0, 0x41, 0, 0x0B, 0x70, 1, 0xD2, 0, 0x0B}),
        bytes_of({7, 0x70, 1, 0xD2, 0, 0x0B})}) {
    TestModule module;
    module.entry(9, segment);
    const auto info = read_module(module.bytes());
    ASSERT_TRUE(info) << info.error().text();
    EXPECT_THAT(info->element_counts, ElementsAre(1U));
  }
}

TEST(ReadModule, CountsEveryTypeOfARecursionGroup) {
  // (rec (struct (field i8) (field (mut (ref null 1)))) (sub final 0 (array i32))), (func)
  const auto info =
      read_module(with_section({1,    21, 2, 0x4E, 2,    0x5F, 2,    0x78, 0, 0x63, 1, 1,
                                0x4F, 1,  0, 0x5E, 0x7F, 0,    0x60, 0,    0, 0,    0}));
  EXPECT_FALSE(info) << "two bytes too many";
  const auto exact = read_module(with_section(
      {1, 19, 2, 0x4E, 2, 0x5F, 2, 0x78, 0, 0x63, 1, 1, 0x4F, 1, 0, 0x5E, 0x7F, 0, 0x60, 0, 0}));
  ASSERT_TRUE(exact) << exact.error().text();
  EXPECT_EQ(exact->types.size(), 3U);
  EXPECT_EQ(exact->types[1].kind, Type::Kind::array);
  EXPECT_TRUE(exact->features.has(Feature::garbage_collection));
}

TEST(ReadModule, RemembersWhereLegacyExceptionsBegin) {
  TestModule module;
  module.function(module.type("", ""), bytes_of({0x01, 0x06, 0x40, 0x19, 0x0B}));
  const auto info = read_module(module.bytes());
  ASSERT_TRUE(info) << info.error().text();
  EXPECT_EQ(info->legacy_exception, info->bodies[0].offset + 2);
}

TEST(ReadModule, NamesThePlaceOfWhatIsWrong) {
  EXPECT_THAT(error_of(with_section({1, 9, 0})),
              StartsWith("at byte 8: the type section is cut short: 9 bytes announced, 1 left; the "
                         "file is truncated"));
  EXPECT_EQ(error_of(with_section({1, 2, 0, 0})), "type section: at byte 11: bytes left over: 1");
  EXPECT_EQ(error_of(with_section({3, 1, 0, 1, 1, 0})),
            "at byte 11: the type section is out of order or repeated");
  EXPECT_EQ(error_of(with_section({5, 1, 0, 5, 1, 0})),
            "at byte 11: the memory section is out of order or repeated");
  EXPECT_EQ(error_of(with_section({14, 1, 0})), "at byte 8: unknown section 14");
  EXPECT_EQ(error_of(with_section({5, 4, 1, 1, 5, 3})),
            "memory section: at byte 13: maximum 3 below minimum 5");
  EXPECT_EQ(error_of(with_section({1, 2, 1, 0x61})),
            "type section: at byte 11: unknown form of type 0x61");
  EXPECT_EQ(error_of(with_section({7, 5, 1, 1, 'x', 0, 3})),
            "export section: at byte 14: export \"x\" names a function 3 that does not exist");
}

TEST(ReadModule, RefusesCountsThatDoNotAgree) {
  EXPECT_EQ(error_of(with_section({3, 2, 1, 0})), "functions declared: 1, functions with code: 0");
  EXPECT_EQ(error_of(with_section({12, 1, 2, 11, 1, 0})),
            "data segments announced: 2, data segments present: 0");
}

TEST(ReadModule, RefusesEveryTruncationOfAModule) {
  TestModule module;
  module.function(module.type("i", "i"), bytes_of({0x20, 0}));
  module.memory({0, 1});
  const Bytes bytes = module.bytes();
  for (std::size_t size = 9; size < bytes.size(); ++size) {
    const auto info = read_module(std::span(bytes).first(size));
    // A cut between two sections can only be seen by the counts.
    if (info) EXPECT_TRUE(info->functions.empty()) << size;
  }
}

TEST(Dialect, FollowsFromTheImports) {
  const auto dialect = [](std::initializer_list<std::string_view> modules) {
    TestModule module;
    const auto type = module.type("", "");
    for (const std::string_view name : modules) module.import_function(name, "x", type);
    return dialect_of(*read_module(module.bytes()));
  };
  EXPECT_EQ(dialect({}), Dialect::preview1);
  EXPECT_EQ(dialect({"wasi_snapshot_preview1"}), Dialect::preview1);
  EXPECT_EQ(dialect({"wasi_unstable"}), Dialect::unstable);
  EXPECT_EQ(dialect({"wasi_unstable", "wasi_snapshot_preview1"}), Dialect::preview1);
  EXPECT_EQ(dialect({"wasi_snapshot_preview1", "wasix_32v1"}), Dialect::wasix);
  EXPECT_EQ(dialect({"wasi"}), Dialect::wasix);
  TestModule shared;
  shared.import_other("env", "memory", ExternKind::memory, {3, 1, 2});
  EXPECT_EQ(dialect_of(*read_module(shared.bytes())), Dialect::wasix);
}

}  // namespace
}  // namespace brink::module
