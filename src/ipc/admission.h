#pragma once

#include <cstdint>
#include <optional>

#include "ipc/permits.h"
#include "ipc/waiting_line.h"
#include "ipc/wakers.h"

namespace brink::ipc {

/// Whether a seat may overtake those that have waited longer.
enum class Turn : std::uint8_t {
  respect,
  /// For a worker whose request has waited so long that the seat in front of it
  /// must be taken for stuck (stopped, not yet found dead).
  overtake,
};

/// One worker's door to one app: who may enter now, and who waits.
///
/// The worker keeps its own bounded queue of requests per app and stands in line
/// once for all of them:
///
///     permit = door.try_take();
///     if (!permit) { queue the request; permit = door.join(); }
///     …woken through the eventfd, or at a retry: permit = door.try_take();
///     more requests queued after that?  permit = door.join();  else door.leave();
///
/// No wake-up is lost: join looks for a free permit after it stands in line;
/// release, leave and join wake the oldest seat if a permit is free. A worker that
/// dies in line is taken out by the node (SharedPage::free_seat).
///
/// Kept by the worker for as long as it serves the app. One thread.
class Admission {
 public:
  Admission(Permits permits, WaitingLine line, const Wakers& wakers, Seat seat) noexcept
      : permits_(permits), line_(line), wakers_(&wakers), seat_(seat), hint_(seat.index * 8) {}

  /// A permit, unless all are held or, with Turn::respect, another seat has waited
  /// longer. Does not join or leave the line.
  std::optional<Permit> try_take(Turn turn = Turn::respect) noexcept;

  /// Stands at the end of the line, then tries once more. With a permit in hand the
  /// seat still stands in line: call leave or join.
  std::optional<Permit> join() noexcept;

  /// Leaves the line: its queue is empty.
  void leave() noexcept;

  /// Gives a permit back and wakes the oldest seat in line.
  void release(Permit permit) noexcept;

  /// The request goes to an app process and may outlive this worker.
  void mark_handed_over(Permit permit) noexcept { permits_.mark_handed_over(permit, seat_); }

  [[nodiscard]] const Permits& permits() const noexcept { return permits_; }

 private:
  void wake_oldest() const noexcept;

  Permits permits_;
  WaitingLine line_;
  const Wakers* wakers_;
  Seat seat_;
  std::uint32_t hint_;
};

}  // namespace brink::ipc
