#include "package/memory_size.h"

#include <gtest/gtest.h>

#include "package/test_directory.h"

namespace brink::package {
namespace {

TEST(UsableMemory, IsTheMachinesWithoutACgroup) {
  const TestDirectory root;
  root.write("proc/meminfo", "MemFree: 1 kB\nMemTotal:       2097152 kB\n");
  EXPECT_EQ(usable_memory(root.path()), 2_GiB);
}

TEST(UsableMemory, IsTheLeastLimitOfTheGroupsAbove) {
  const TestDirectory root;
  root.write("proc/meminfo", "MemTotal: 2097152 kB\n");
  root.write("proc/self/cgroup", "0::/a/b\n");
  root.write("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(usable_memory(root.path()), 2_GiB);
  root.write("sys/fs/cgroup/a/memory.max", "1073741824\n");
  EXPECT_EQ(usable_memory(root.path()), 1_GiB);
  root.write("sys/fs/cgroup/a/b/memory.max", "536870912\n");
  EXPECT_EQ(usable_memory(root.path()), 512_MiB);
}

TEST(UsableMemory, ReadsVersionOneGroups) {
  const TestDirectory root;
  root.write("proc/meminfo", "MemTotal: 2097152 kB\n");
  root.write("proc/self/cgroup", "12:cpu:/x\n3:memory,hugetlb:/x\nbroken\n");
  root.write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(usable_memory(root.path()), 256_MiB);
}

TEST(UsableMemory, FallsBackWhenNothingCanBeRead) {
  const TestDirectory root;
  EXPECT_EQ(usable_memory(root.path()), 1_GiB);
  root.write("proc/meminfo", "MemTotal: much kB\n");
  EXPECT_EQ(usable_memory(root.path()), 1_GiB);
}

TEST(UsableMemory, KnowsThisMachine) { EXPECT_GT(usable_memory(), 1_MiB); }

}  // namespace
}  // namespace brink::package
