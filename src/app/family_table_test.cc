#include "app/family_table.h"

#include <gtest/gtest.h>

namespace brink::app {
namespace {

using wasi::Errno;
using wasi::ProcessExit;
using State = FamilyTable::Process::State;

constexpr ProcessExit kThree{ProcessExit::Reason::code, 3};

class FamilyTableTest : public testing::Test {
 protected:
  std::uint32_t running(std::uint32_t parent, std::uint32_t host) {
    const std::uint32_t pid = *table.add(parent);
    table.find(pid)->state = State::running;
    table.find(pid)->host_pid = host;
    return pid;
  }
  FamilyTable table{4};
  std::uint32_t first = running(0, 100);
};

TEST_F(FamilyTableTest, TheFirstProcessIsOneAndItsFirstChildTwo) {
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(running(first, 101), 2U);
}

TEST_F(FamilyTableTest, NoMoreProcessesThanTheLimitAndEachWithASlotOfItsOwn) {
  ASSERT_TRUE(table.add(first));
  ASSERT_TRUE(table.add(first));
  ASSERT_TRUE(table.add(first));
  EXPECT_EQ(table.add(first).error(), Errno::again);
  for (std::uint32_t a = 1; a <= 4; ++a) {
    for (std::uint32_t b = 1; b < a; ++b) EXPECT_NE(table.find(a)->slot, table.find(b)->slot);
  }
  table.withdraw(3);
  EXPECT_EQ(table.add(first), 5U);
}

TEST_F(FamilyTableTest, AChildsEndIsKeptForItsParent) {
  const std::uint32_t child = running(first, 101);
  EXPECT_EQ(table.reap(first, std::nullopt).error(), Errno::again);
  EXPECT_EQ(table.end(child, kThree), first);
  EXPECT_EQ(table.find_host(101), nullptr) << "the host may give its number to another";
  const auto ended = table.reap(first, child);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->pid, child);
  EXPECT_EQ(ended->exit.status(), 3U);
  EXPECT_EQ(table.reap(first, child).error(), Errno::child);
}

TEST_F(FamilyTableTest, OthersChildrenAreNoneOfOnes) {
  const std::uint32_t child = running(first, 101);
  const std::uint32_t grandchild = running(child, 102);
  table.end(grandchild, kThree);
  EXPECT_EQ(table.reap(first, grandchild).error(), Errno::child);
  EXPECT_EQ(table.reap(first, first).error(), Errno::child);
  EXPECT_TRUE(table.reap(child, std::nullopt));
}

TEST_F(FamilyTableTest, OrphansAndWhatIsLeftOfThemAreForgotten) {
  const std::uint32_t child = running(first, 101);
  const std::uint32_t dead = running(child, 102);
  const std::uint32_t alive = running(child, 103);
  table.end(dead, kThree);
  table.end(child, kThree);
  EXPECT_EQ(table.find(dead), nullptr);
  EXPECT_EQ(table.find(alive)->parent, 0U);
  EXPECT_EQ(table.end(alive, kThree), 0U);
  EXPECT_EQ(table.find(alive), nullptr);
}

TEST_F(FamilyTableTest, AProcessEndsOnce) {
  const std::uint32_t child = running(first, 101);
  table.end(child, kThree);
  EXPECT_EQ(table.end(child, {ProcessExit::Reason::signal, 9}), 0U);
  EXPECT_EQ(table.reap(first, child)->exit.status(), 3U);
}

}  // namespace
}  // namespace brink::app
