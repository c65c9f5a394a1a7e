#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasi/family_types.h"
#include "wasi/testing/fake_family.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

constexpr std::uint32_t kWild = 0xffff'fff0;

class FamilyCalls : public ::testing::Test {
 protected:
  std::uint32_t option(std::uint8_t tag, std::int32_t value) {
    return guest.put_value(GuestOptionNumber{tag, {}, value});
  }
  std::uint32_t number(std::uint32_t address) { return guest.at<std::uint32_t>(address); }
  std::uint32_t own() {
    EXPECT_EQ(guest.call("proc_id", out), Errno::success);
    return number(out);
  }

  FakeFamily family;
  Guest guest{{.profile = kWasix, .family = &family}};
  std::uint32_t out = guest.room(4);
  std::uint32_t status = guest.room(sizeof(GuestJoinStatus));
};

TEST_F(FamilyCalls, AProcessKnowsItsNumberAndItsParents) {
  EXPECT_EQ(own(), 7U);
  EXPECT_EQ(guest.call("proc_parent", 7, out), Errno::success);
  EXPECT_EQ(number(out), 3U);
  EXPECT_EQ(guest.call("proc_parent", 8, out), Errno::srch);
  EXPECT_EQ(guest.call("proc_id", kWild), Errno::fault);
}

TEST_F(FamilyCalls, ForkTellsTheParentTheChildsNumberAndTheChildNone) {
  EXPECT_EQ(guest.call("proc_fork", 1, out), Errno::success);
  EXPECT_EQ(number(out), 8U);
  family.in_child = true;
  EXPECT_EQ(guest.call("proc_fork", 0, out), Errno::success);
  EXPECT_EQ(number(out), 0U);
  family.full = true;
  EXPECT_EQ(guest.call("proc_fork", 1, out), Errno::again);
}

TEST_F(FamilyCalls, ForkHasNoEffectWhenItsResultHasNoPlace) {
  EXPECT_EQ(guest.call("proc_fork", 1, kWild), Errno::fault);
  EXPECT_EQ(guest.call("proc_fork_env", kWild), Errno::fault);
  EXPECT_EQ(family.next, 8U);
}

TEST_F(FamilyCalls, ABorrowedIdentityHasDescriptorsAndADirectoryOfItsOwn) {
  ASSERT_EQ(guest.call("proc_fork_env", out), Errno::success);
  const std::uint32_t child = number(out);
  EXPECT_EQ(own(), child);
  EXPECT_EQ(guest.call("proc_parent", child, out), Errno::success);
  EXPECT_EQ(number(out), 7U);
  EXPECT_EQ(guest.call("fd_close", 2), Errno::success);
  guest.process->set_directory("/elsewhere");
  EXPECT_EQ(guest.call("proc_fork", 1, out), Errno::notsup);
  EXPECT_EQ(guest.call("proc_fork_env", out), Errno::notsup);

  EXPECT_EQ(guest.call("proc_exit2", 9), Errno::success) << "returns, in the parent";
  EXPECT_EQ(own(), 7U);
  EXPECT_NE(guest.process->descriptors().find(2), nullptr);
  EXPECT_EQ(guest.process->directory(), "/");
  ASSERT_EQ(family.ends.size(), 1U);
  EXPECT_EQ(family.ends[0].pid, child);
  EXPECT_EQ(family.ends[0].exit.status(), 9U);
  EXPECT_FALSE(guest.process->exit());
}

TEST_F(FamilyCalls, ExitEndsTheProcessOtherwise) {
  EXPECT_EQ(guest.call("proc_exit2", 300), kExits);
  EXPECT_EQ(guest.process->exit()->status(), 300U & 0xff);
}

TEST_F(FamilyCalls, JoinTellsWhichChildEndedAndHow) {
  family.ends = {{11, {ProcessExit::Reason::code, 0xffff'ffff}},
                 {12, {ProcessExit::Reason::signal, 9}}};
  const std::uint32_t twelve = option(1, 12);
  EXPECT_EQ(guest.call("proc_join", twelve, 0, status), Errno::success);
  auto joined = guest.at<GuestJoinStatus>(status);
  EXPECT_EQ(joined.tag, GuestJoinStatus::signalled);
  EXPECT_EQ(joined.signal, 9);
  const std::uint32_t any = option(0, -1);
  EXPECT_EQ(guest.call("proc_join", any, 0, status), Errno::success);
  joined = guest.at<GuestJoinStatus>(status);
  EXPECT_EQ(joined.tag, GuestJoinStatus::exited);
  EXPECT_EQ(joined.code, 255);
  EXPECT_EQ(guest.at<GuestOptionNumber>(any).tag, 1);
  EXPECT_EQ(guest.at<GuestOptionNumber>(any).value, 11);
}

TEST_F(FamilyCalls, JoinWaitsForTheNextEndUnlessToldNotTo) {
  family.children = 1;
  const std::uint32_t any = option(0, 0);
  EXPECT_EQ(guest.call("proc_join", any, 1, status), Errno::success);
  EXPECT_EQ(guest.at<GuestJoinStatus>(status).tag, GuestJoinStatus::nothing);
  EXPECT_EQ(guest.at<GuestOptionNumber>(any).tag, 1) << "older libcs look here";
  EXPECT_EQ(guest.at<GuestOptionNumber>(any).value, 0);
  EXPECT_EQ(guest.call("proc_join", any, 0, status), kWaits);
  EXPECT_EQ(guest.wait().futex().word, &family.ended);
  family.ends = {{8, {ProcessExit::Reason::code, 1}}};
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.at<GuestOptionNumber>(any).value, 8);
}

TEST_F(FamilyCalls, JoinWithoutChildrenIsAnError) {
  EXPECT_EQ(guest.call("proc_join", option(0, 0), 0, status), Errno::child);
  EXPECT_EQ(guest.call("proc_join", kWild, 0, status), Errno::fault);
  EXPECT_EQ(guest.call("proc_join", option(0, 0), 0, kWild), Errno::fault);
}

TEST(FamilyCallsInAWorker, ThereIsOneProcess) {
  Guest guest{{.profile = kWasix}};
  const std::uint32_t out = guest.room(8);
  EXPECT_EQ(guest.call("proc_id", out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 1U);
  EXPECT_EQ(guest.call("proc_parent", 1, out), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(out), 0U);
  EXPECT_EQ(guest.call("proc_fork", 1, out), Errno::nosys);
  EXPECT_EQ(guest.call("proc_fork_env", out), Errno::nosys);
  EXPECT_EQ(guest.call("proc_join", guest.put_value(GuestOptionNumber{}), 0, out), Errno::child);
  EXPECT_EQ(guest.call("proc_exit2", 3), kExits);
  EXPECT_EQ(guest.process->exit()->status(), 3U);
}

}  // namespace
}  // namespace brink::wasi::testing
