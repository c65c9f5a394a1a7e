#pragma once

#include <deque>
#include <optional>

#include "ipc/permits.h"
#include "wasm/guest.h"
#include "worker/memory_budget.h"
#include "worker/waiting_room.h"

namespace brink::worker {

/// Gives back the memory of large instances that have ended, a piece per turn of
/// the loop, and what they held with it: they count until their memory is gone.
/// One thread; bounded by the pool of instances.
class Reaper {
 public:
  /// Instances up to this size are dropped at once.
  static constexpr ByteSize kLarge{8ULL << 20};
  /// Given back per turn: some 0.4 ms.
  static constexpr ByteSize kPiece{4ULL << 20};

  enum class Memory : std::uint8_t { baseline, big };

  Reaper(WaitingRoom& waiting_room, MemoryBudget& memory)
      : waiting_room_(waiting_room), memory_(memory) {}

  void add(wasm::Remains remains, Memory memory, std::optional<ipc::Permit> permit) {
    queue_.push_back({std::move(remains), memory, permit});
  }
  [[nodiscard]] bool busy() const { return !queue_.empty(); }

  void turn() {
    if (queue_.empty() || !queue_.front().remains.clear_some(kPiece)) return;
    const Item done = std::move(queue_.front());
    queue_.pop_front();
    if (done.memory == Memory::big) memory_.leave_big();
    // Lets the next one in.
    if (done.permit) waiting_room_.leave(*done.permit);
  }

 private:
  struct Item {
    wasm::Remains remains;
    Memory memory;
    std::optional<ipc::Permit> permit;
  };

  WaitingRoom& waiting_room_;
  MemoryBudget& memory_;
  std::deque<Item> queue_;
};

}  // namespace brink::worker
