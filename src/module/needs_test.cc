#include "module/needs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/test_module.h"

namespace brink::module {
namespace {

using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestModule;

ExecutionNeeds needs(const TestModule& module) {
  const auto info = read_module(module.bytes());
  EXPECT_TRUE(info) << info.error().text();
  return needs_of(*info);
}

TestModule with_shared_memory() {
  TestModule module;
  module.import_other("env", "memory", ExternKind::memory, {3, 129, 1, 0x80, 0x80, 4});
  return module;
}

void export_function(TestModule& module, std::string_view name) {
  module.export_(name, ExternKind::function, module.function(module.type("", ""), {}));
}

TEST(ExecutionNeeds, AreFewForAProgramWithASharedMemoryAndNoThreads) {
  const ExecutionNeeds found = needs(with_shared_memory());
  EXPECT_EQ(found.threading, Threading::unthreaded);
  EXPECT_EQ(found.executor(), Executor::worker);
  EXPECT_EQ(found.shared_memory, std::nullopt);
  EXPECT_EQ(found.thread_start, "");
  EXPECT_FALSE(found.takes_signals);
  EXPECT_FALSE(found.asyncified);
  EXPECT_THAT(found.process_calls, IsEmpty());
}

TEST(ExecutionNeeds, AreAFamilyForThreads) {
  for (const std::string_view start : {"wasi_thread_start", "_start_thread"}) {
    TestModule module = with_shared_memory();
    export_function(module, start);
    const ExecutionNeeds found = needs(module);
    EXPECT_EQ(found.threading, Threading::threaded);
    EXPECT_EQ(found.executor(), Executor::family);
    EXPECT_EQ(found.thread_start, start);
    ASSERT_TRUE(found.shared_memory);
    EXPECT_EQ(found.shared_memory->limits,
              (Limits{.minimum = 129, .maximum = 65536, .shared = true}));
  }
}

TEST(ExecutionNeeds, AreAFamilyForCallsThatStartThreads) {
  for (const auto& [space, name] : {std::pair{"wasi", "thread-spawn"},
                                    {"wasix_32v1", "thread_spawn"},
                                    {"wasix_32v1", "thread_spawn_v2"}}) {
    TestModule module = with_shared_memory();
    module.import_function(space, name, module.type("i", "i"));
    EXPECT_EQ(needs(module).threading, Threading::threaded) << name;
  }
}

TEST(ExecutionNeeds, AreNoThreadsWithoutASharedMemory) {
  TestModule module;
  module.memory({0, 1});
  export_function(module, "wasi_thread_start");
  EXPECT_EQ(needs(module).threading, Threading::unthreaded);
  EXPECT_EQ(needs(module).executor(), Executor::worker);
}

TEST(ExecutionNeeds, NameTheCallsForProcesses) {
  TestModule module = with_shared_memory();
  const auto type = module.type("", "");
  module.import_function("wasix_32v1", "proc_spawn2", type);
  module.import_function("wasix_32v1", "proc_exit2", type);
  module.import_function("env", "proc_fork", type);
  module.import_function("wasix_32v1", "proc_fork_env", type);
  module.import_function("wasix_32v1", "proc_exec3", type);
  const ExecutionNeeds found = needs(module);
  EXPECT_THAT(found.process_calls, ElementsAre("proc_spawn2", "proc_fork_env", "proc_exec3"));
  EXPECT_EQ(found.executor(), Executor::worker) << "most programs never call them";
}

TEST(ExecutionNeeds, TellSignalsAndAsyncifyByTheirExports) {
  TestModule module = with_shared_memory();
  export_function(module, "__wasm_signal");
  for (const std::string_view name :
       {"asyncify_start_unwind", "asyncify_stop_unwind", "asyncify_start_rewind"}) {
    export_function(module, name);
  }
  EXPECT_TRUE(needs(module).takes_signals);
  EXPECT_FALSE(needs(module).asyncified) << "one is missing";
  export_function(module, "asyncify_stop_rewind");
  EXPECT_TRUE(needs(module).asyncified);
}

TestModule with_array(std::initializer_list<int> code) {
  TestModule module;
  module.entry(1, bytes_of({0x5E, 0x7F, 1}));
  module.function(module.type("", ""), bytes_of(code));
  return module;
}

TEST(ExecutionNeeds, AreAFamilyForArraysOfAnyLength) {
  const TestModule any = with_array({0x41, 1, 0xFB, 7, 0, 0x1A});
  ASSERT_TRUE(needs(any).array_operation);
  EXPECT_EQ(needs(any).executor(), Executor::family);
  EXPECT_EQ(needs(any).threading, Threading::unthreaded);
  const TestModule fixed = with_array({0x41, 1, 0xFB, 8, 0, 1, 0x1A});
  EXPECT_EQ(needs(fixed).executor(), Executor::worker) << "its length is in the code";
}

}  // namespace
}  // namespace brink::module
