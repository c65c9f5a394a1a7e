#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <wasmtime.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "module/rewriter.h"
#include "module/test_module.h"

namespace brink::module {
namespace {

using testing::Bytes;
using testing::bytes_of;
using testing::TestModule;

constexpr std::uint32_t kMemorySize = 65536;
constexpr std::uint32_t kTableSize = 100;
constexpr std::uint32_t kMarked = 37;  ///< elements of the element segment

struct EngineDelete {
  void operator()(wasm_engine_t* engine) const { wasm_engine_delete(engine); }
  void operator()(wasmtime_store_t* store) const { wasmtime_store_delete(store); }
};

enum class Deadlines : std::uint8_t { ignored, checked };

wasm_engine_t* new_engine(Deadlines deadlines) {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, deadlines == Deadlines::checked);
  return wasm_engine_new_with_config(config);
}

/// One instance of a module in a store of its own.
class Running {
 public:
  explicit Running(const Bytes& bytes, Deadlines deadlines = Deadlines::ignored)
      : engine_(new_engine(deadlines)),
        store_(wasmtime_store_new(engine_.get(), nullptr, nullptr)) {
    wasmtime_store_epoch_deadline_callback(store_.get(), on_deadline, &deadline_checks_, nullptr);
    wasmtime_module_t* module = nullptr;
    check(wasmtime_module_new(engine_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              bytes.size(), &module));
    wasm_trap_t* trap = nullptr;
    check(wasmtime_instance_new(context(), module, nullptr, 0, &instance_, &trap));
    wasmtime_module_delete(module);
  }

  /// The trap's code, or -1 for none.
  int call(const std::string& name, std::array<std::uint32_t, 3> arguments) {
    wasmtime_extern_t function;
    EXPECT_TRUE(
        wasmtime_instance_export_get(context(), &instance_, name.data(), name.size(), &function));
    std::array<wasmtime_val_t, 3> values;
    for (std::size_t i = 0; i < 3; ++i) {
      values[i].kind = WASMTIME_I32;
      values[i].of.i32 = static_cast<std::int32_t>(arguments[i]);
    }
    wasm_trap_t* trap = nullptr;
    check(wasmtime_func_call(context(), &function.of.func, values.data(), values.size(), nullptr, 0,
                             &trap));
    if (trap == nullptr) return -1;
    wasmtime_trap_code_t code = 0;
    EXPECT_TRUE(wasmtime_trap_code(trap, &code));
    wasm_trap_delete(trap);
    return code;
  }

  [[nodiscard]] int deadline_checks() const { return deadline_checks_; }

  std::string_view memory() {
    wasmtime_extern_t memory;
    EXPECT_TRUE(wasmtime_instance_export_get(context(), &instance_, "memory", 6, &memory));
    return {reinterpret_cast<char*>(wasmtime_memory_data(context(), &memory.of.memory)),
            wasmtime_memory_data_size(context(), &memory.of.memory)};
  }

  /// Which elements of the table are set, as a string of 0 and 1.
  std::string table() {
    wasmtime_extern_t table;
    EXPECT_TRUE(wasmtime_instance_export_get(context(), &instance_, "table", 5, &table));
    std::string set;
    wasmtime_val_t value;
    for (std::uint64_t i = 0; wasmtime_table_get(context(), &table.of.table, i, &value); ++i) {
      set += wasmtime_funcref_is_null(&value.of.funcref) ? '0' : '1';
    }
    return set;
  }

 private:
  wasmtime_context_t* context() { return wasmtime_store_context(store_.get()); }

  static wasmtime_error_t* on_deadline(wasmtime_context_t*, void* count, std::uint64_t* delta,
                                       wasmtime_update_deadline_kind_t* kind) noexcept {
    ++*static_cast<int*>(count);
    *delta = 0;
    *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
    return nullptr;
  }

  static void check(wasmtime_error_t* error) {
    if (error == nullptr) return;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    ADD_FAILURE() << std::string_view(message.data, message.size);
    std::abort();
  }

  std::unique_ptr<wasm_engine_t, EngineDelete> engine_;
  std::unique_ptr<wasmtime_store_t, EngineDelete> store_;
  wasmtime_instance_t instance_{};
  int deadline_checks_ = 0;
};

Bytes code(std::initializer_list<int> tail) {
  Bytes bytes = bytes_of({0x20, 0, 0x20, 1, 0x20, 2});
  const Bytes rest = bytes_of(tail);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

/// One exported function per bulk instruction, and one that drops the segments.
Bytes every_instruction() {
  TestModule module;
  const auto type = module.type("iii", "");
  const auto add = [&](std::string_view name, const Bytes& body) {
    module.export_(name, ExternKind::function, module.function(type, body));
  };
  module.table({0x70, 0, kTableSize});
  module.memory({0, 1});
  module.export_("memory", ExternKind::memory, 0);
  module.export_("table", ExternKind::table, 0);
  add("fill", code({0xFC, 0x0B, 0}));
  add("copy", code({0xFC, 0x0A, 0, 0}));
  add("init", code({0xFC, 0x08, 0, 0}));
  add("table_copy", code({0xFC, 0x0E, 0, 0}));
  add("table_init", code({0xFC, 0x0C, 0, 0}));
  add("table_fill", bytes_of({0x20, 0, 0xD0, 0x70, 0x20, 2, 0xFC, 0x11, 0}));
  add("drop", bytes_of({0xFC, 0x09, 0, 0xFC, 0x0D, 0}));
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>('a' + i % 23);
  module.passive_data(text);
  Bytes elements = bytes_of({1, 0, kMarked});
  for (std::uint32_t i = 0; i < kMarked; ++i) elements.push_back(std::byte{0});
  module.entry(9, elements);
  return module.bytes();
}

class BulkInstructionsInPieces : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static Bytes split(const Bytes& bytes, std::uint64_t piece) {
    const auto info = read_module(bytes);
    EXPECT_TRUE(info) << info.error().text();
    auto result =
        rewrite(bytes, *info,
                {.bulk_piece = ByteSize(piece), .table_piece = static_cast<std::uint32_t>(piece)});
    EXPECT_TRUE(result) << result.error().text();
    EXPECT_GT(read_module(*result)->functions.size(), info->functions.size());
    return *result;
  }

  void same_on(const std::string& name, std::array<std::uint32_t, 3> arguments) {
    SCOPED_TRACE(name + ::testing::PrintToString(arguments));
    ASSERT_EQ(plain_.call(name, arguments), split_.call(name, arguments));
    ASSERT_TRUE(plain_.memory() == split_.memory());
    ASSERT_EQ(plain_.table(), split_.table());
  }

  /// A number up to `size`, often near a border or near `size` itself.
  std::uint32_t number(std::uint32_t size) {
    switch (random_() % 8) {
      case 0:
        return 0;
      case 1:
        return size - static_cast<std::uint32_t>(random_() % 4);
      case 2:
        return size + static_cast<std::uint32_t>(random_() % 3);
      case 3:
        return 0xFFFF'FFFFU - static_cast<std::uint32_t>(random_() % 3);
      default:
        return static_cast<std::uint32_t>(random_() % (size + 1));
    }
  }

  std::mt19937 random_{20260101};
  Bytes bytes_ = every_instruction();
  Running plain_{bytes_};
  Running split_{split(bytes_, GetParam())};
};

TEST_P(BulkInstructionsInPieces, DoTheSameInPiecesOnRandomRanges) {
  for (int i = 0; i < 150; ++i) {
    const std::uint32_t length = i % 3 == 0 ? number(kMemorySize) : number(300);
    const std::uint32_t near = number(kMemorySize);
    same_on("init", {number(kMemorySize), number(1000), number(1000)});
    same_on("copy", {number(kMemorySize), number(kMemorySize), length});
    same_on("copy", {near, near + static_cast<std::uint32_t>(random_() % 64) - 32, length});
    same_on("fill", {number(kMemorySize), number(255), i % 10 == 0 ? length : length % 97});
    same_on("table_init", {number(kTableSize), number(kMarked), number(kMarked)});
    same_on("table_copy", {number(kTableSize), number(kTableSize), number(kTableSize)});
    same_on("table_fill", {number(kTableSize), 0, number(kTableSize / 4)});
  }
}

TEST_P(BulkInstructionsInPieces, MoveOverlappingRangesBothWays) {
  same_on("init", {100, 0, 1000});
  same_on("copy", {101, 100, 900});
  same_on("copy", {100, 103, 900});
  same_on("copy", {100, 100, 900});
  same_on("table_init", {0, 0, kMarked});
  same_on("table_copy", {1, 0, kTableSize - 1});
  same_on("table_copy", {0, 5, kTableSize - 5});
}

TEST_P(BulkInstructionsInPieces, WriteNothingWhenTheyTrap) {
  const std::string before(split_.memory());
  EXPECT_EQ(split_.call("fill", {kMemorySize - 500, 7, 501}),
            WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS);
  EXPECT_EQ(split_.call("fill", {1, 7, 0xFFFF'FFFF}), WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS);
  EXPECT_EQ(split_.call("init", {0, 1, 1000}), WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS);
  EXPECT_EQ(split_.call("copy", {0, kMemorySize - 9, 10}), WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS);
  EXPECT_TRUE(split_.memory() == before);
  EXPECT_EQ(split_.call("table_copy", {0, 50, 51}), WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS);
}

TEST_P(BulkInstructionsInPieces, TrapOnADroppedSegmentWithNothingWritten) {
  same_on("drop", {0, 0, 0});
  same_on("init", {0, 0, 1000});
  same_on("init", {0, 0, 0});
  same_on("init", {0, 500, 0});
  same_on("table_init", {0, 0, kMarked});
  EXPECT_EQ(split_.memory().find_first_not_of('\0'), std::string_view::npos);
}

INSTANTIATE_TEST_SUITE_P(Pieces, BulkInstructionsInPieces, ::testing::Values(1, 3, 7, 30));

/// Counts how often the engine checks its deadline, which is always over.
int deadline_checks(const Bytes& bytes, std::array<std::uint32_t, 3> arguments) {
  Running running(bytes, Deadlines::checked);
  running.call("fill", arguments);
  return running.deadline_checks();
}

TEST(BulkInstructions, LetTheEngineCheckItsDeadlineBetweenPieces) {
  const Bytes bytes = every_instruction();
  const auto info = read_module(bytes);
  ASSERT_TRUE(info) << info.error().text();
  const auto pieces = rewrite(bytes, *info, {.bulk_piece = ByteSize(1000)});
  ASSERT_TRUE(pieces);
  EXPECT_LE(deadline_checks(bytes, {0, 1, 65000}), 4) << "at entry and around the instruction";
  EXPECT_GE(deadline_checks(*pieces, {0, 1, 65000}), 64);
}

/// 64-bit memories, and copies between memories with different address types.
TEST(BulkInstructionsOn64BitMemories, DoTheSameInPieces) {
  TestModule module;
  const auto type = module.type("iii", "");
  module.memory({4, 1});
  module.memory({0, 1});
  module.export_("memory", ExternKind::memory, 0);
  const auto wide = [](std::initializer_list<int> tail) {
    Bytes bytes = bytes_of({0x20, 0, 0xAD, 0x20, 1});
    const Bytes rest = bytes_of(tail);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
  };
  const auto add = [&](std::string_view name, const Bytes& body) {
    module.export_(name, ExternKind::function, module.function(type, body));
  };
  add("fill", wide({0x20, 2, 0xAD, 0xFC, 0x0B, 0}));
  add("copy", wide({0xAD, 0x20, 2, 0xAD, 0xFC, 0x0A, 0, 0}));
  add("into", wide({0x20, 2, 0xFC, 0x0A, 0, 1}));
  add("init", wide({0x20, 2, 0xFC, 0x08, 0, 0}));
  add("other", bytes_of({0x20, 0, 0x20, 1, 0x20, 2, 0xFC, 0x0B, 1}));
  module.passive_data("the quick brown fox jumps over the lazy dog");
  const Bytes bytes = module.bytes();
  const auto info = read_module(bytes);
  ASSERT_TRUE(info) << info.error().text();
  const auto pieces = rewrite(bytes, *info, {.bulk_piece = ByteSize(5)});
  ASSERT_TRUE(pieces);
  EXPECT_EQ(read_module(*pieces)->functions.size(), 10U);
  Running before(bytes);
  Running after(*pieces);
  const auto same = [&](const std::string& name, std::array<std::uint32_t, 3> arguments) {
    EXPECT_EQ(before.call(name, arguments), after.call(name, arguments)) << name;
    EXPECT_TRUE(before.memory() == after.memory()) << name;
  };
  same("init", {1000, 1, 40});
  same("init", {1000, 4, 40});
  same("copy", {1003, 1000, 41});
  same("copy", {998, 1000, 41});
  same("copy", {65000, 1000, 541});
  same("other", {10, 'x', 33});
  same("into", {2000, 5, 44});
  same("into", {65530, 5, 44});
  same("fill", {3000, 'y', 77});
  same("fill", {65500, 'y', 77});
}

constexpr int kNoTrap = -1;

/// A program that the linker made for threads (tests/guests/shared_memory.c).
Bytes threaded_build() {
  std::ifstream file(BRINK_GUEST_DIR "/shared_memory.wasm", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(text.empty());
  return bytes_of(text);
}

Bytes with_own_memory(const Bytes& bytes, const RewriteOptions& options) {
  const auto info = read_module(bytes);
  EXPECT_TRUE(info) << info.error().text();
  EXPECT_TRUE(info->imports_shared_memory());
  EXPECT_TRUE(info->start) << "the linker's initialization of the memory";
  auto result = rewrite(bytes, *info, options);
  EXPECT_TRUE(result) << result.error().text();
  return *result;
}

TEST(OwnMemory, IsInitializedByTheStartFunctionOfAThreadedBuild) {
  Running running(with_own_memory(threaded_build(), {.memory_owner = MemoryOwner::instance}));
  EXPECT_TRUE(running.memory().contains("copied by the start function"));
  EXPECT_EQ(running.call("check", {0, 0, 0}), kNoTrap) << "data, zeros and thread-local data";
}

TEST(OwnMemory, TakesAtomicsAndTrapsOnAWait) {
  Running running(with_own_memory(threaded_build(), {.memory_owner = MemoryOwner::instance}));
  EXPECT_EQ(running.call("count", {40, 2, 0}), kNoTrap);
  EXPECT_EQ(running.call("wait", {0, 0, 0}), WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY);
}

TEST(OwnMemory, GrowsUpToItsCap) {
  const Bytes bytes = threaded_build();
  const auto least = read_module(bytes)->memories[0].limits.minimum;
  const RewriteOptions options{.memory_owner = MemoryOwner::instance, .memory_maximum = least + 2};
  Running running(with_own_memory(bytes, options));
  const auto old = static_cast<std::uint32_t>(least);
  EXPECT_EQ(running.call("grow", {2, old, 0}), kNoTrap);
  EXPECT_EQ(running.call("grow", {1, 0xFFFF'FFFF, 0}), kNoTrap);
}

TEST(OwnMemory, GoesTogetherWithInstructionsInPieces) {
  const Bytes bytes = threaded_build();
  const Bytes result =
      with_own_memory(bytes, {.memory_owner = MemoryOwner::instance, .bulk_piece = ByteSize(100)});
  EXPECT_GT(read_module(result)->functions.size(), read_module(bytes)->functions.size());
  Running running(result);
  EXPECT_EQ(running.call("check", {0, 0, 0}), kNoTrap);
  EXPECT_EQ(running.call("fill", {'x', 5000, 0}), kNoTrap);
  EXPECT_TRUE(running.memory().contains(std::string(5000, 'x')));
}

}  // namespace
}  // namespace brink::module
