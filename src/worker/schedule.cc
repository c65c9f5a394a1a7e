#include "worker/schedule.h"

#include <algorithm>

namespace brink::worker {
namespace {

// How often requests that wait for memory look again; see WaitingRoom.
constexpr Duration kRecheck = std::chrono::milliseconds(20);
// A second of looks in vain.
constexpr std::uint32_t kPatience = 50;
// Scratch files removed per turn of the loop.
constexpr std::size_t kTidied = 32;

// What instances left in their scratch directories goes a piece at a time.
bool is_untidy(const Services& services) {
  return services.app.scratch && services.app.scratch->waiting() != 0;
}

}  // namespace

std::optional<Duration> Schedule::time_to_wait() const {
  if (services_.scheduler.has_ready() || services_.waiting_room.admits_more() ||
      services_.reaper.busy() || is_untidy(services_)) {
    return Duration(0);
  }
  std::optional<MonotonicTime> next = services_.deadlines.next_wake();
  const auto earlier = [&](std::optional<MonotonicTime> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  earlier(services_.scheduler.next_wake());
  if (services_.waiting_room.waiting() != 0) earlier(services_.loop.now() + kRecheck);
  if (!next) return std::nullopt;
  return std::max(Duration(0), *next - services_.loop.now());
}

/// Lets requests that wait look again from time to time. After many looks in vain
/// they no longer mind a worker that stands before them in line: it may be stopped.
void Schedule::recheck() {
  WaitingRoom& room = services_.waiting_room;
  const std::size_t before = room.waiting();
  if (before == 0) rechecks_ = 0;
  if (before == 0 || services_.loop.now() < next_recheck_) return;
  next_recheck_ = services_.loop.now() + kRecheck;
  room.admit_waiting(++rechecks_ < kPatience ? ipc::Turn::respect : ipc::Turn::overtake);
  if (room.waiting() < before) rechecks_ = 0;
}

void Schedule::turn(std::optional<Duration> longest) {
  std::optional<Duration> wait = time_to_wait();
  if (longest) wait = std::min(*longest, wait.value_or(*longest));
  services_.loop.turn(wait);
  const MonotonicTime now = services_.loop.now();
  services_.deadlines.expire(
      now, [](net::DeadlineEntry& entry) { static_cast<Timed&>(entry).on_deadline(); });
  if (services_.waiting_room.admits_more()) services_.waiting_room.admit_waiting();
  recheck();
  services_.scheduler.turn(now);
  services_.reaper.turn();
  server_.sweep();
  if (is_untidy(services_)) services_.app.scratch->tidy(kTidied);
  services_.log.flush();
}

}  // namespace brink::worker
