#include "ipc/shared_page.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <set>

namespace brink::ipc {
namespace {

constexpr Seat kSeatA{0, 1};
constexpr Seat kSeatB{1, 1};
constexpr Seat kSeatC{2, 1};

class Page : public testing::Test {
 protected:
  Page() { page_.permits(0).set_limit(2); }
  Admission door(Seat seat) { return page_.admission(0, seat, wakers_); }

  SharedPage page_ = SharedPage::create({4, 3, 16}).value();
  Wakers wakers_ = Wakers::create(4).value();
};

TEST_F(Page, IsTheSameMemoryForAllWhoAttach) {
  const auto other = SharedPage::attach(UniqueFd(::dup(page_.fd())));
  ASSERT_TRUE(other) << other.error().text();
  EXPECT_EQ(other->layout(), page_.layout());
  std::uint32_t hint = 0;
  ASSERT_TRUE(page_.permits(0).try_take(kSeatA, hint));
  EXPECT_EQ(other->permits(0).held(), 1u);
  EXPECT_EQ(other->permits(1).held(), 0u);
}

TEST_F(Page, CannotBeResizedAndIsRefusedIfItCould) {
  EXPECT_NE(::ftruncate(page_.fd(), 0), 0);
  UniqueFd open_ended(::memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(open_ended.get(), 1 << 20), 0);
  EXPECT_FALSE(SharedPage::attach(UniqueFd(::dup(open_ended.get()))));
  ASSERT_EQ(::fcntl(open_ended.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
  EXPECT_FALSE(SharedPage::attach(std::move(open_ended))) << "sealed, but not ours";
  EXPECT_FALSE(SharedPage::attach(UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC))));
}

TEST_F(Page, RefusesAbsurdLayoutsBeforeItMultipliesThem) {
  EXPECT_FALSE(SharedPage::create({0, 1, 1}));
  EXPECT_FALSE(SharedPage::create({kMaxSeats + 1, 1, 1}));
  EXPECT_FALSE(SharedPage::create({1, 0, 1}));
  EXPECT_FALSE(SharedPage::create({1, 1, std::numeric_limits<std::uint32_t>::max()}));
}

TEST_F(Page, AdmitsAsManyAsTheLimitOverAllSeats) {
  Admission a = door(kSeatA);
  Admission b = door(kSeatB);
  const auto first = a.try_take();
  ASSERT_TRUE(first && b.try_take());
  EXPECT_FALSE(a.try_take());
  EXPECT_FALSE(b.try_take());
  a.release(*first);
  EXPECT_TRUE(b.try_take());
  EXPECT_EQ(page_.permits(0).held(), 2u);
}

TEST_F(Page, KeepsHoldersWhenTheLimitSinks) {
  Admission a = door(kSeatA);
  page_.permits(0).set_limit(100);
  EXPECT_EQ(page_.permits(0).limit(), 16u) << "clamped to the capacity";
  std::vector<Permit> permits;
  while (const auto permit = a.try_take()) permits.push_back(*permit);
  ASSERT_EQ(permits.size(), 16u);
  page_.permits(0).set_limit(0);
  for (const Permit permit : permits) a.release(permit);
  EXPECT_EQ(page_.permits(0).held(), 0u);
  EXPECT_FALSE(a.try_take());
}

TEST_F(Page, LetsNobodyGiveBackWhatAnotherHolds) {
  std::uint32_t hint = 0;
  Permits permits = page_.permits(0);
  const Permit permit = permits.try_take(kSeatA, hint).value();
  EXPECT_FALSE(permits.release(permit, kSeatB));
  EXPECT_FALSE(permits.release(permit, {kSeatA.index, kSeatA.generation + 1}));
  EXPECT_FALSE(permits.release({99'999}, kSeatA));
  EXPECT_TRUE(permits.release(permit, kSeatA));
  EXPECT_FALSE(permits.release(permit, kSeatA));
}

TEST_F(Page, WakesSeatsInTheOrderOfTheirArrival) {
  Admission a = door(kSeatA);
  const Permit one = a.try_take().value();
  const Permit two = a.try_take().value();
  Admission c = door(kSeatC);
  Admission b = door(kSeatB);
  EXPECT_FALSE(c.join());
  EXPECT_FALSE(b.join());
  a.release(one);
  EXPECT_TRUE(wakers_.take(kSeatC.index));
  EXPECT_FALSE(wakers_.take(kSeatB.index));
  EXPECT_FALSE(b.try_take()) << "it is not its turn";
  EXPECT_FALSE(a.try_take()) << "nor may a newcomer pass";
  ASSERT_TRUE(c.try_take());
  c.leave();
  EXPECT_FALSE(wakers_.take(kSeatB.index)) << "nothing is free";
  a.release(two);
  EXPECT_TRUE(wakers_.take(kSeatB.index));
  EXPECT_TRUE(b.try_take());
}

TEST_F(Page, PassesTheWakeUpOnIfTheFirstNeedsNoMore) {
  Admission a = door(kSeatA);
  const Permit permits[] = {a.try_take().value(), a.try_take().value()};
  Admission b = door(kSeatB);
  Admission c = door(kSeatC);
  EXPECT_FALSE(b.join());
  EXPECT_FALSE(c.join());
  for (const Permit permit : permits) a.release(permit);
  EXPECT_TRUE(wakers_.take(kSeatB.index));
  ASSERT_TRUE(b.try_take());
  EXPECT_FALSE(wakers_.take(kSeatC.index));
  b.leave();
  EXPECT_TRUE(wakers_.take(kSeatC.index));
  EXPECT_TRUE(c.try_take());
}

TEST_F(Page, LetsAStuckSeatBeOvertaken) {
  Admission a = door(kSeatA);
  const Permit permit = a.try_take().value();
  ASSERT_TRUE(a.try_take());
  Admission stuck = door(kSeatB);
  EXPECT_FALSE(stuck.join());
  a.release(permit);
  EXPECT_FALSE(a.try_take());
  EXPECT_TRUE(a.try_take(Turn::overtake));
}

TEST_F(Page, FreesAllThatADeadSeatHeld) {
  Admission dead = door(kSeatA);
  ASSERT_TRUE(dead.try_take());
  const Permit handed_over = dead.try_take().value();
  dead.mark_handed_over(handed_over);
  EXPECT_FALSE(dead.join());
  Admission waiting = door(kSeatB);
  EXPECT_FALSE(waiting.join());
  page_.node_memory().set_limit(1_GiB);
  ASSERT_TRUE(page_.node_memory().try_reserve(kSeatA.index, MemoryShare::big, 64_MiB));
  Metrics metrics(page_.metrics(kSeatA.index));
  metrics.add(Counter::requests_total, 5);
  metrics.change(Gauge::connections_open, 2);

  const auto orphans = page_.free_seat(kSeatA, wakers_, 1);
  ASSERT_EQ(orphans.size(), 1u);
  EXPECT_EQ(orphans[0].permit, handed_over);
  EXPECT_TRUE(wakers_.take(kSeatB.index));
  EXPECT_EQ(page_.node_memory().used(), 0_B);
  const MetricTotals totals = sum_metrics(page_.all_metrics());
  EXPECT_EQ(totals[Counter::requests_total], 5u);
  EXPECT_EQ(totals[Gauge::connections_open], 0);
  ASSERT_TRUE(waiting.try_take());
  EXPECT_FALSE(waiting.join()) << "the request in the app process still counts";
  EXPECT_TRUE(page_.release_orphan(orphans[0], kSeatA, wakers_));
  EXPECT_FALSE(page_.release_orphan(orphans[0], kSeatA, wakers_));
  EXPECT_TRUE(waiting.try_take());
}

TEST_F(Page, LeavesTheNextGenerationOfASeatAlone) {
  ASSERT_TRUE(door({0, 2}).try_take());
  EXPECT_TRUE(page_.free_seat({0, 1}, wakers_, 3).empty());
  EXPECT_EQ(page_.permits(0).held(), 1u);
}

TEST_F(Page, BoundsMemoryInSum) {
  MemoryLedger ledger = page_.app_memory(1);
  EXPECT_FALSE(ledger.try_reserve(0, MemoryShare::big, 1_B)) << "the limit is 0 at first";
  ledger.set_limit(100_MiB);
  EXPECT_TRUE(ledger.try_reserve(0, MemoryShare::baseline, 60_MiB));
  EXPECT_FALSE(ledger.try_reserve(1, MemoryShare::big, 41_MiB));
  EXPECT_TRUE(ledger.try_reserve(1, MemoryShare::big, 40_MiB));
  EXPECT_EQ(ledger.used(), 100_MiB);
  EXPECT_EQ(ledger.used_by(1, MemoryShare::big), 40_MiB);
  ledger.release(1, MemoryShare::big, 200_MiB);
  EXPECT_EQ(ledger.used(), 60_MiB) << "never below zero";
  EXPECT_FALSE(
      ledger.try_reserve(0, MemoryShare::big, ByteSize(std::numeric_limits<std::uint64_t>::max())));
  EXPECT_FALSE(ledger.try_reserve(99, MemoryShare::big, 1_B));
  EXPECT_EQ(page_.app_memory(0).used(), 0_B);
}

TEST_F(Page, CountsTimesInTheRightBuckets) {
  Metrics metrics(page_.metrics(1));
  metrics.observe(Timing::request_seconds, Duration(-5));
  metrics.observe(Timing::request_seconds, kTimingBounds[3]);
  metrics.observe(Timing::request_seconds, kTimingBounds[3] + Duration(1));
  metrics.observe(Timing::request_seconds, std::chrono::hours(1));
  const auto totals = sum_metrics(page_.all_metrics())[Timing::request_seconds];
  EXPECT_EQ(totals.buckets[0], 1u);
  EXPECT_EQ(totals.buckets[3], 1u);
  EXPECT_EQ(totals.buckets[4], 1u);
  EXPECT_EQ(totals.buckets.back(), 1u);
  EXPECT_TRUE(std::ranges::is_sorted(kTimingBounds));
}

TEST(MetricNames, AreAllThereAndDifferent) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounters; ++i) names.insert(name(static_cast<Counter>(i)));
  for (std::size_t i = 0; i < kGauges; ++i) names.insert(name(static_cast<Gauge>(i)));
  for (std::size_t i = 0; i < kTimings; ++i) names.insert(name(static_cast<Timing>(i)));
  EXPECT_EQ(names.size(), kCounters + kGauges + kTimings);
  EXPECT_EQ(names.count(""), 0u);
}

}  // namespace
}  // namespace brink::ipc
