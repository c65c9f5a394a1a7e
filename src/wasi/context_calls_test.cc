#include <gtest/gtest.h>

#include "wasi/testing/guest.h"
#include "wasi/thread_types.h"

namespace brink::wasi::testing {
namespace {

TEST(StackCheckpoint, SavesAndIsRestoredWithAValue) {
  Guest guest({.profile = kWasix});
  guest.caller.asyncified = true;
  const std::uint32_t snapshot = guest.room(sizeof(GuestStackSnapshot));
  const std::uint32_t value = guest.room(8);
  EXPECT_EQ(guest.call("stack_checkpoint", snapshot, value), Errno::success);
  EXPECT_EQ(guest.at<std::uint64_t>(value), 0u);
  EXPECT_EQ(guest.at<GuestStackSnapshot>(snapshot).user, value);
  EXPECT_EQ(guest.caller.stacks.size(), 1u);

  // A copy of it is as good.
  const std::uint32_t copy = guest.put_value(guest.at<GuestStackSnapshot>(snapshot));
  EXPECT_EQ(guest.call("stack_restore", copy, std::uint64_t{42}), kExits);
  EXPECT_EQ(guest.at<std::uint64_t>(value), 42u);
  EXPECT_EQ(guest.caller.restored, *guest.caller.stacks.begin());
  EXPECT_FALSE(guest.process->exit());
}

TEST(StackCheckpoint, IsNotSupportedInOtherPrograms) {
  Guest guest({.profile = kWasix});
  const std::uint32_t snapshot = guest.room(sizeof(GuestStackSnapshot));
  EXPECT_EQ(guest.call("stack_checkpoint", snapshot, guest.room(8)), Errno::notsup);
  EXPECT_EQ(guest.call("stack_checkpoint", 0xffff'ffff, guest.room(8)), Errno::fault);
}

TEST(StackRestore, EndsTheProgramWhereThereIsNoSuchStack) {
  Guest guest({.profile = kWasix});
  guest.caller.asyncified = true;
  const std::uint32_t snapshot = guest.put_value(GuestStackSnapshot{guest.room(8), 99, 0});
  EXPECT_EQ(guest.call("stack_restore", snapshot, std::uint64_t{1}), kExits);
  ASSERT_TRUE(guest.process->exit());
  EXPECT_EQ(guest.process->exit()->status(), 134u);
}

}  // namespace
}  // namespace brink::wasi::testing
