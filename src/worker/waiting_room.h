#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/error.h"
#include "ipc/admission.h"
#include "net/event_loop.h"
#include "worker/memory_budget.h"
#include "worker/timed.h"

namespace brink::worker {

/// A request that wants to run.
class Admittee : public Timed {
 public:
  /// It may run now and holds `permit`, which it gives back with leave().
  virtual void admitted(ipc::Permit permit) = 0;

 protected:
  ~Admittee() = default;
};

struct WaitingRoomLimits {
  std::uint64_t waiting = 1024;  ///< requests in this worker's queue
  std::uint64_t inside = 256;    ///< instances in this worker: what its pool holds
};

/// How many instances of an app run at once, over all workers, and who waits for
/// a place: this worker's own queue, first come, first served, bounded in length
/// and, by each request's deadline, in time. One thread.
class WaitingRoom final : public net::EventHandler {
 public:
  WaitingRoom(ipc::Admission& admission, const ipc::Wakers& wakers, std::uint32_t seat,
              MemoryBudget& memory, WaitingRoomLimits limits)
      : admission_(admission), wakers_(wakers), seat_(seat), memory_(memory), limits_(limits) {}

  /// A permit at once, if nobody waits and there is one.
  std::optional<ipc::Permit> enter();

  /// Takes a place in the queue; false when it is full.
  bool wait(Admittee& admittee);
  /// Leaves the queue: too late, or gone.
  void give_up(Admittee& admittee);
  /// Gives the permit back. The next one is let in by the loop's next turn, and not
  /// from inside of the one that ends: see admits_more().
  void leave(ipc::Permit permit);

  /// Lets in who can be let in: after a wake-up, or from time to time, since
  /// memory that other workers give back is not announced.
  void admit_waiting(ipc::Turn turn = ipc::Turn::respect);

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  /// Whether somebody may be let in now: a place has become free, or admit_waiting()
  /// stopped only to let others have their turn.
  [[nodiscard]] bool admits_more() const { return admits_more_ && !queue_.empty(); }

  /// Another worker has given a permit back.
  void on_events(std::uint32_t events) override;

 private:
  std::optional<ipc::Permit> take(ipc::Turn turn);
  /// After one was let in: leaves the line, or goes to its end.
  void step_back();

  ipc::Admission& admission_;
  const ipc::Wakers& wakers_;
  std::uint32_t seat_;
  MemoryBudget& memory_;
  WaitingRoomLimits limits_;
  std::uint64_t inside_ = 0;
  bool admits_more_ = false;
  std::deque<Admittee*> queue_;
};

}  // namespace brink::worker
