#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "module/needs.h"
#include "module/rewriter.h"
#include "module/running.h"

namespace brink::module {
namespace {

using testing::Bytes;
using testing::Running;

constexpr int kNoTrap = -1;

/// A program that the linker made for threads (tests/guests/shared_memory.c).
Bytes threaded_build() {
  std::ifstream file(BRINK_GUEST_DIR "/shared_memory.wasm", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(text.empty());
  return testing::bytes_of(text);
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
