#include "worker/memory_budget.h"

#include <gtest/gtest.h>

#include "ipc/shared_page.h"

namespace brink::worker {
namespace {

using ipc::MemoryShare;

class MemoryBudgetTest : public testing::Test {
 protected:
  MemoryBudget budget(ByteSize sum, std::uint32_t seat = 0) {
    page.app_memory(0).set_limit(sum);
    return {page.app_memory(0), seat, 4_MiB, 32_MiB};
  }
  ByteSize used(MemoryShare share) { return page.app_memory(0).used_for(share); }

  ipc::SharedPage page = ipc::SharedPage::create({2, 1, 1}).value();
};

TEST_F(MemoryBudgetTest, ReservesBaselinesInLots) {
  MemoryBudget memory = budget(1_GiB);
  EXPECT_TRUE(memory.enter());
  EXPECT_EQ(used(MemoryShare::baseline), 32_MiB);
  for (int i = 1; i < 8; ++i) EXPECT_TRUE(memory.enter());
  EXPECT_EQ(used(MemoryShare::baseline), 32_MiB);
  EXPECT_TRUE(memory.enter());
  EXPECT_EQ(used(MemoryShare::baseline), 64_MiB);
  for (int i = 0; i < 9; ++i) memory.leave();
  EXPECT_EQ(used(MemoryShare::baseline), 32_MiB) << "one lot stays";
}

TEST_F(MemoryBudgetTest, LeavesRoomForOneLargeInstanceHoweverManySmallOnesThereAre) {
  MemoryBudget memory = budget(64_MiB);
  MemoryBudget other = budget(64_MiB, 1);
  int inside = 0;
  while (memory.enter()) ++inside;
  while (other.enter()) ++inside;
  EXPECT_EQ(inside, 9) << "(64 - 28) / 4";
  EXPECT_TRUE(other.enter_big());
  EXPECT_FALSE(memory.enter_big());
  other.leave_big();
  EXPECT_TRUE(memory.enter_big());
  memory.leave_big();
  EXPECT_EQ(used(MemoryShare::big), ByteSize());
}

TEST_F(MemoryBudgetTest, RunsOneInstanceWhenTheSumIsItsOwnLimit) {
  MemoryBudget memory = budget(32_MiB);
  ASSERT_TRUE(memory.enter());
  EXPECT_FALSE(memory.enter());
  EXPECT_TRUE(memory.enter_big());
}

TEST_F(MemoryBudgetTest, KeepsAnEighthForSmallOnesBesideSeveralLarge) {
  MemoryBudget memory = budget(256_MiB);
  int large = 0;
  while (memory.enter() && memory.enter_big()) ++large;
  EXPECT_GE(large, 5);
  EXPECT_LE(page.app_memory(0).used(), 228_MiB);
  EXPECT_TRUE(memory.enter());
}

}  // namespace
}  // namespace brink::worker
