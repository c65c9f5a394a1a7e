#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <random>

#include "ipc/shared_page.h"

namespace brink::ipc {
namespace {

constexpr std::uint32_t kProcesses = 4;
constexpr std::uint32_t kMaxInside = 4;

/// What the processes tell each other beside the page under test.
struct Witness {
  std::array<std::atomic<std::uint64_t>, kProcesses> inside;  ///< permits each has in hand
  std::atomic<std::uint64_t> entries;
  std::atomic<std::uint64_t> violations;
  std::atomic<std::uint64_t> lost_wake_ups;
};

/// Is inside for a moment, with a look at who else is.
void stay(Seat seat, Witness& witness, std::uint32_t limit) {
  witness.inside[seat.index].store(1);
  std::uint64_t inside = 0;
  for (const auto& one : witness.inside) inside += one.load();
  if (inside > limit) witness.violations.fetch_add(1);
  witness.entries.fetch_add(1);
  witness.inside[seat.index].store(0);
}

/// Everybody at the words at once, nobody in line.
[[noreturn]] void rush(const SharedPage& page, const Wakers&, Seat seat, Witness& witness,
                       std::uint32_t limit) {
  Permits permits = page.permits(0);
  std::uint32_t hint = 0;
  for (;;) {
    const auto permit = permits.try_take(seat, hint);
    if (!permit) continue;
    stay(seat, witness, limit);
    permits.release(*permit, seat);
  }
}

/// As a worker does it: take or wait in line, be inside for a moment, give back.
[[noreturn]] void work(const SharedPage& page, const Wakers& wakers, Seat seat, Witness& witness,
                       std::uint32_t limit) {
  Admission door = page.admission(0, seat, wakers);
  for (;;) {
    auto permit = door.try_take();
    if (!permit) permit = door.join();
    while (!permit) {
      pollfd entry{wakers.fd(seat.index), POLLIN, 0};
      // Holders stay for microseconds; nobody waits 2 s unless a wake-up was lost.
      if (::poll(&entry, 1, 2000) == 0) witness.lost_wake_ups.fetch_add(1);
      wakers.take(seat.index);
      permit = door.try_take();
    }
    door.leave();
    stay(seat, witness, limit);
    door.release(*permit);
  }
}

/// Workers that are killed at any instruction and replaced, `kills` times.
template <class Work>
void run_and_kill(Work behaviour, std::uint32_t limit, int kills) {
  SharedPage page = SharedPage::create({kProcesses, 1, kMaxInside}).value();
  page.permits(0).set_limit(limit);
  const Wakers wakers = Wakers::create(kProcesses).value();
  void* const memory =
      ::mmap(nullptr, sizeof(Witness), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto& witness = *static_cast<Witness*>(memory);

  std::array<pid_t, kProcesses> pids{};
  std::array<Seat, kProcesses> seats{};
  const auto start = [&](std::uint32_t i) {
    seats[i] = {i, seats[i].generation + 1};
    pids[i] = ::fork();
    if (pids[i] == 0) behaviour(page, wakers, seats[i], witness, limit);
  };
  const auto end = [&](std::uint32_t i) {
    ASSERT_EQ(::kill(pids[i], SIGKILL), 0);
    ASSERT_EQ(::waitpid(pids[i], nullptr, 0), pids[i]);
    witness.inside[i].store(0);
    page.free_seat(seats[i], wakers, 1);
  };

  for (std::uint32_t i = 0; i < kProcesses; ++i) start(i);
  std::mt19937 random(11);
  for (int i = 0; i < kills; ++i) {
    // Spin for a random moment, so that the kill meets any point of the work.
    for (volatile unsigned spin = random() % 200'000; spin != 0; spin = spin - 1) {
    }
    const std::uint32_t victim = random() % kProcesses;
    end(victim);
    start(victim);
    // Somebody gets in after every kill (at the latest when poll above gives up, which
    // then counts as a lost wake-up).
    const std::uint64_t before = witness.entries.load();
    while (witness.entries.load() == before) ::sched_yield();
  }
  const std::uint64_t entries = witness.entries.load();
  for (std::uint32_t i = 0; i < kProcesses; ++i) end(i);

  EXPECT_GT(entries, 100u);
  EXPECT_EQ(witness.violations.load(), 0u);
  EXPECT_EQ(witness.lost_wake_ups.load(), 0u);
  EXPECT_EQ(page.permits(0).held(), 0u) << "a dead worker still holds a permit";
  EXPECT_EQ(page.line(0).oldest(), std::nullopt) << "a dead worker still stands in line";
  ::munmap(memory, sizeof(Witness));
}

TEST(AdmissionStress, HasOneHolderWithLimitOneWhoeverIsKilled) { run_and_kill(work, 1, 60); }

TEST(AdmissionStress, HasNoMoreHoldersThanTheLimitWhoeverIsKilled) { run_and_kill(work, 2, 40); }

TEST(AdmissionStress, HasOneHolderWhenAllRushAtTheWords) { run_and_kill(rush, 1, 30); }

}  // namespace
}  // namespace brink::ipc
