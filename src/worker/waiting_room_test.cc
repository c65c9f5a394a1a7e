#include "worker/waiting_room.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "ipc/shared_page.h"

namespace brink::worker {
namespace {

struct Guest final : Admittee {
  void admitted(ipc::Permit given) override {
    permit = given;
    if (then) then();
  }
  void on_deadline() override {}
  std::optional<ipc::Permit> permit;
  std::function<void()> then;
};

class WaitingRoomTest : public testing::Test {
 protected:
  /// A worker's part of the page, on a seat of its own.
  struct Worker {
    Worker(WaitingRoomTest& test, std::uint32_t seat, WaitingRoomLimits limits = {})
        : wakers(test.wakers),
          seat(seat),
          admission(test.page.admission(0, {seat, 1}, test.wakers)),
          memory(test.page.app_memory(0), seat, 4_MiB, 32_MiB),
          room(admission, test.wakers, seat, memory, limits) {}
    /// What the event loop would do.
    bool look() {
      pollfd_ready = wakers.take(seat);
      if (pollfd_ready || room.admits_more()) room.admit_waiting();
      return pollfd_ready;
    }
    const ipc::Wakers& wakers;
    std::uint32_t seat;
    bool pollfd_ready = false;
    ipc::Admission admission;
    MemoryBudget memory;
    WaitingRoom room;
  };

  WaitingRoomTest() {
    page.permits(0).set_limit(1);
    page.app_memory(0).set_limit(1_GiB);
  }

  ipc::SharedPage page = ipc::SharedPage::create({2, 1, 8}).value();
  ipc::Wakers wakers = ipc::Wakers::create(2).value();
};

TEST_F(WaitingRoomTest, AdmitsInTheOrderOfArrival) {
  Worker worker(*this, 0);
  auto held = worker.room.enter();
  ASSERT_TRUE(held);
  EXPECT_FALSE(worker.room.enter());
  std::vector<int> order;
  std::array<Guest, 3> guests;
  for (int i = 0; i < 3; ++i) {
    guests[i].then = [&, i] { order.push_back(i); };
    EXPECT_TRUE(worker.room.wait(guests[i]));
  }
  for (int i = 0; i < 3; ++i) {
    worker.room.leave(*std::exchange(held, {}));
    worker.look();
    ASSERT_TRUE(guests[i].permit) << i;
    held = guests[i].permit;
  }
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
  worker.room.leave(*held);
  EXPECT_EQ(page.permits(0).held(), 0u);
  EXPECT_FALSE(page.line(0).waits(0));
}

TEST_F(WaitingRoomTest, IsBounded) {
  Worker worker(*this, 0, {.waiting = 2, .inside = 8});
  const auto held = worker.room.enter();
  std::array<Guest, 3> guests;
  EXPECT_TRUE(worker.room.wait(guests[0]));
  EXPECT_TRUE(worker.room.wait(guests[1]));
  EXPECT_FALSE(worker.room.wait(guests[2]));
  worker.room.give_up(guests[0]);
  EXPECT_TRUE(worker.room.wait(guests[2]));
  worker.room.give_up(guests[1]);
  worker.room.give_up(guests[2]);
  EXPECT_FALSE(page.line(0).waits(0)) << "nobody is left in the queue";
  worker.room.leave(*held);
}

TEST_F(WaitingRoomTest, IsWokenByAnotherWorker) {
  Worker a(*this, 0), b(*this, 1);
  const auto held = a.room.enter();
  Guest guest;
  ASSERT_TRUE(b.room.wait(guest));
  EXPECT_FALSE(b.look());
  a.room.leave(*held);
  EXPECT_TRUE(b.look());
  ASSERT_TRUE(guest.permit);
  b.room.leave(*guest.permit);
}

TEST_F(WaitingRoomTest, TakesTurnsWithAnotherWorkerWhoseQueueIsNeverEmpty) {
  Worker a(*this, 0), b(*this, 1);
  auto held = a.room.enter();
  std::array<Guest, 3> of_a;
  Guest of_b;
  for (Guest& guest : of_a) ASSERT_TRUE(a.room.wait(guest));
  ASSERT_TRUE(b.room.wait(of_b));
  a.room.leave(*held);
  a.look();
  ASSERT_TRUE(of_a[0].permit);
  a.room.leave(*of_a[0].permit);
  a.look();
  b.look();
  ASSERT_TRUE(of_b.permit) << "the other worker has waited longer now";
  b.room.leave(*of_b.permit);
  for (int i = 1; i < 3; ++i) {
    a.look();
    ASSERT_TRUE(of_a[i].permit) << i;
    a.room.leave(*of_a[i].permit);
  }
}

TEST_F(WaitingRoomTest, AdmitsOneAfterTheOtherAndNotOneInsideTheOther) {
  Worker worker(*this, 0);
  const auto held = worker.room.enter();
  int depth = 0, deepest = 0, ran = 0;
  std::vector<Guest> guests(500);
  for (Guest& guest : guests) {
    guest.then = [&] {
      deepest = std::max(deepest, ++depth);
      ++ran;
      worker.room.leave(*guest.permit);  // done at once
      --depth;
    };
    ASSERT_TRUE(worker.room.wait(guest));
  }
  worker.room.leave(*held);
  int looks = 0;
  while (worker.room.waiting() != 0 && looks < 1000) {
    worker.look();
    ++looks;
  }
  EXPECT_EQ(ran, 500);
  EXPECT_EQ(deepest, 1);
  EXPECT_GT(looks, 20) << "the sockets get their turn";
}

TEST_F(WaitingRoomTest, LetsNobodyInFromInsideOfTheOneThatLeaves) {
  Worker worker(*this, 0);
  const auto held = worker.room.enter();
  Guest guest;
  ASSERT_TRUE(worker.room.wait(guest));
  worker.look();
  worker.room.leave(*held);
  EXPECT_FALSE(guest.permit);
  EXPECT_TRUE(worker.room.admits_more());
  worker.look();
  ASSERT_TRUE(guest.permit);
  worker.room.leave(*guest.permit);
}

TEST_F(WaitingRoomTest, WaitsQuietlyForMemory) {
  page.permits(0).set_limit(8);
  page.app_memory(0).set_limit(32_MiB);  // one instance beside what it may grow to
  Worker worker(*this, 0);
  const auto held = worker.room.enter();
  ASSERT_TRUE(held);
  EXPECT_FALSE(worker.room.enter());
  Guest guest;
  ASSERT_TRUE(worker.room.wait(guest));
  worker.look();
  worker.look();
  EXPECT_FALSE(worker.look()) << "it must not wake itself again and again";
  EXPECT_EQ(page.permits(0).held(), 1u);
  worker.room.leave(*held);
  worker.look();
  ASSERT_TRUE(guest.permit);
  worker.room.leave(*guest.permit);
}

TEST_F(WaitingRoomTest, NeverHoldsMoreInstancesThanThePoolHas) {
  page.permits(0).set_limit(8);
  Worker worker(*this, 0, {.waiting = 8, .inside = 1});
  const auto held = worker.room.enter();
  ASSERT_TRUE(held);
  EXPECT_FALSE(worker.room.enter());
  Guest guest;
  ASSERT_TRUE(worker.room.wait(guest));
  worker.look();
  EXPECT_FALSE(guest.permit);
  worker.room.leave(*held);
  worker.look();
  ASSERT_TRUE(guest.permit);
  worker.room.leave(*guest.permit);
}

}  // namespace
}  // namespace brink::worker
