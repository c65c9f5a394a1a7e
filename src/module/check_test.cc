#include "module/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "module/test_module.h"

namespace brink::module {
namespace {

using testing::bytes_of;
using ::testing::HasSubstr;
using testing::TestModule;

constexpr std::string_view kWasi = "wasi_snapshot_preview1";

constexpr std::array kHost = {
    HostSignature{"env", "twice", "F", "F"},
    HostSignature{kWasi, "clock_time_get", "iIi", "i"},
    HostSignature{kWasi, "fd_write", "iiii", "i"},
    HostSignature{kWasi, "proc_exit", "i", ""},
};

struct Start {
  std::string_view name = "_start";
  std::string_view parameters = {};
};

/// A program that imports fd_write, as it should be, with these changes.
TestModule program(std::string_view import = "fd_write", std::string_view parameters = "iiii",
                   std::string_view results = "i", const Start& start = {}) {
  TestModule module;
  module.import_function(kWasi, import, module.type(parameters, results));
  const auto function = module.function(module.type(start.parameters, ""), {});
  module.export_(start.name, ExternKind::function, function);
  return module;
}

TestModule with_memory(TestModule module) {
  module.memory({0, 2});
  module.export_("memory", ExternKind::memory, 0);
  return module;
}

std::string verdict(const TestModule& module, RunLimits limits = {}) {
  const auto info = read_module(module.bytes());
  EXPECT_TRUE(info) << info.error().text();
  const auto checked = check_runnable(*info, kHost, limits);
  if (checked) return "ok";
  EXPECT_EQ(checked.error().code, ErrorCode::module_invalid);
  EXPECT_FALSE(checked.error().remedy.empty());
  EXPECT_EQ(checked.error().text().find('\n'), std::string::npos);
  return checked.error().text();
}

TEST(CheckRunnable, PassesAProgram) { EXPECT_EQ(verdict(with_memory(program())), "ok"); }

TEST(CheckRunnable, SuggestsTheFunctionThatWasMeant) {
  EXPECT_EQ(verdict(with_memory(program("fd_wirte"))),
            "the module imports wasi_snapshot_preview1.fd_wirte (i32, i32, i32, i32) -> i32, which "
            "brink does not have; did you mean fd_write?");
  EXPECT_THAT(verdict(with_memory(program("sock_teleport"))), HasSubstr("rebuild it without"));
}

TEST(CheckRunnable, NamesBothTypesOfAWronglyTypedImport) {
  EXPECT_THAT(verdict(with_memory(program("fd_write", "iiI"))),
              HasSubstr("wasi_snapshot_preview1.fd_write as (i32, i32, i64) -> i32; its type is "
                        "(i32, i32, i32, i32) -> i32"));
  EXPECT_THAT(verdict(with_memory(program("proc_exit", "i", "i"))),
              HasSubstr("its type is (i32) -> ()"));
}

std::string verdict_on_import(std::string_view module_name) {
  TestModule module;
  module.import_function(module_name, "f", module.type("", ""));
  return verdict(module);
}

TEST(CheckRunnable, ExplainsUnknownNamespaces) {
  EXPECT_THAT(verdict_on_import("wasi_snapshot_preview2"),
              HasSubstr("did you mean wasi_snapshot_preview1?"));
  EXPECT_THAT(verdict_on_import("wasi:cli/run@0.2.0"), HasSubstr("WASI 0.2"));
  EXPECT_THAT(verdict_on_import("gojs"), HasSubstr("GOOS=wasip1"));
  EXPECT_THAT(verdict_on_import("a\nb"), HasSubstr("imports a?b.f"));
}

TEST(CheckRunnable, PassesAnImportedMemory) {
  TestModule plain = program();
  plain.import_other("env", "memory", ExternKind::memory, {0, 1});
  EXPECT_EQ(verdict(plain), "ok");
  TestModule shared = program();
  shared.import_other("env", "memory", ExternKind::memory, {3, 1, 0x80, 0x80, 4});
  EXPECT_EQ(verdict(shared), "ok");
  shared.export_("wasi_thread_start", ExternKind::function, 0);
  EXPECT_EQ(verdict(shared), "ok") << "threads are no fault";
}

TEST(CheckRunnable, RefusesAMemoryUnderAnotherName) {
  TestModule module = program();
  module.import_other("js", "mem", ExternKind::memory, {0, 1});
  EXPECT_THAT(verdict(module), HasSubstr("imports its memory as js.mem"));
  EXPECT_THAT(verdict(module), HasSubstr("--import-memory=env,memory"));
}

TEST(CheckRunnable, RefusesWhatIsNeitherAFunctionNorAMemory) {
  TestModule table = program();
  table.import_other("env", "t", ExternKind::table, {0x70, 0, 1});
  EXPECT_THAT(verdict(table), HasSubstr("a table (env.t)"));
  TestModule global = program();
  global.import_other("env", "g", ExternKind::global, {0x7F, 0});
  EXPECT_THAT(verdict(global), HasSubstr("a global (env.g)"));
  TestModule tag = program();
  tag.import_other("env", "e", ExternKind::tag, {0, 1});
  EXPECT_THAT(verdict(tag), HasSubstr("an exception tag (env.e)"));
}

TEST(CheckRunnable, NamesDynamicLinking) {
  TestModule table = program();
  table.import_other("env", "__indirect_function_table", ExternKind::table, {0x70, 0, 1});
  EXPECT_EQ(verdict(table),
            "the module is linked dynamically: it imports env.__indirect_function_table (a table), "
            "and brink loads no libraries; link it statically: without -pie, -fPIC and -shared");
  TestModule stack = program();
  stack.import_other("env", "__stack_pointer", ExternKind::global, {0x7F, 1});
  EXPECT_THAT(verdict(stack), HasSubstr("linked dynamically"));
  TestModule symbol = program();
  symbol.import_other("GOT.mem", "environ", ExternKind::global, {0x7F, 1});
  EXPECT_THAT(verdict(symbol), HasSubstr("linked dynamically"));
  TestModule tag = program();
  tag.import_other("env", "__c_longjmp", ExternKind::tag, {0, 1});
  EXPECT_THAT(verdict(tag), HasSubstr("linked dynamically"));
}

TEST(CheckRunnable, WantsAStartFunction) {
  EXPECT_THAT(verdict(with_memory(program("fd_write", "iiii", "i", {.name = "main"}))),
              HasSubstr("exports no _start: it exports main, memory"));
  EXPECT_THAT(verdict(with_memory(program("fd_write", "iiii", "i", {.name = "_initialize"}))),
              HasSubstr("is a reactor"));
  EXPECT_THAT(verdict(with_memory(program("fd_write", "iiii", "i", {.parameters = "i"}))),
              HasSubstr("_start has the type (i32) -> ()"));
  TestModule memory;
  memory.memory({0, 1});
  memory.export_("_start", ExternKind::memory, 0);
  EXPECT_THAT(verdict(memory), HasSubstr("_start is a memory"));
  EXPECT_THAT(verdict(TestModule()), HasSubstr("it exports nothing"));
}

TEST(CheckRunnable, WantsTheMemoryOfAWasiProgram) {
  EXPECT_THAT(verdict(program()), HasSubstr("exports no memory called \"memory\""));
  TestModule pure;
  pure.export_("_start", ExternKind::function, pure.function(pure.type("", ""), {}));
  EXPECT_EQ(verdict(pure), "ok") << "without WASI none is needed";
}

TEST(CheckRunnable, RefusesMemoriesThatItCannotServe) {
  TestModule two = with_memory(program());
  two.memory({0, 1});
  EXPECT_THAT(verdict(two), HasSubstr("has 2 memories"));
  TestModule wide = program();
  wide.memory({4, 1});
  wide.export_("memory", ExternKind::memory, 0);
  EXPECT_THAT(verdict(wide), HasSubstr("64-bit memory"));
  TestModule shared = program();
  shared.memory({3, 1, 1});
  shared.export_("memory", ExternKind::memory, 0);
  EXPECT_EQ(verdict(shared), "ok") << "without threads it need not be shared";
  shared.export_("wasi_thread_start", ExternKind::function, 0);
  EXPECT_THAT(verdict(shared), HasSubstr("a shared memory of its own"));
}

TEST(CheckRunnable, NamesBothFiguresWhenTheMemoryIsTooLarge) {
  const TestModule module = with_memory(program());
  EXPECT_EQ(verdict(module, {.memory = ByteSize(2 * 65536)}), "ok");
  EXPECT_THAT(verdict(module, {.memory = ByteSize(65536)}),
              HasSubstr("needs at least 128KiB of memory; the limit is 64KiB"));
}

TEST(CheckRunnable, SaysHowToRebuildWithoutLegacyExceptions) {
  TestModule module = with_memory(program());
  module.function(0, bytes_of({0x06, 0x40, 0x19, 0x0B, 0x00}));
  EXPECT_THAT(verdict(module), HasSubstr("-wasm-use-legacy-eh=false"));
  EXPECT_THAT(verdict(module), HasSubstr("--translate-to-exnref"));
}

TEST(CheckExecutor, LetsOnlyAFamilyRunThreadsAndLongInstructions) {
  ExecutionNeeds threads;
  threads.threading = Threading::threaded;
  ExecutionNeeds arrays;
  arrays.array_operation = 77;
  for (const ExecutionNeeds& needs : {threads, arrays}) {
    EXPECT_TRUE(check_executor(needs, Executor::family));
    const auto refused = check_executor(needs, Executor::worker);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().remedy, HasSubstr("--mode command"));
  }
  EXPECT_TRUE(check_executor({}, Executor::worker));
}

}  // namespace
}  // namespace brink::module
