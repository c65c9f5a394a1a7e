#include "worker/memory_budget.h"

#include <algorithm>

namespace brink::worker {
namespace {

constexpr std::uint64_t kMostPerLot = 8;

}  // namespace

MemoryBudget::MemoryBudget(ipc::MemoryLedger ledger, std::uint32_t seat, ByteSize baseline,
                           ByteSize limit)
    : ledger_(ledger), seat_(seat), baseline_(baseline), limit_(limit) {
  // A lot must stay small beside the sum, or the last workers would get none.
  const std::uint64_t lots =
      ledger_.limit().bytes() / (16 * std::max<std::uint64_t>(baseline.bytes(), 1));
  per_lot_ = std::clamp<std::uint64_t>(lots, 1, kMostPerLot);
}

bool MemoryBudget::enter() {
  if (instances_ == lots_ * per_lot_) {
    if (!ledger_.try_reserve(seat_, ipc::MemoryShare::baseline, lot())) return false;
    ++lots_;
  }
  ++instances_;
  return true;
}

void MemoryBudget::leave() {
  --instances_;
  // One lot stays in reserve: no traffic on the shared page at its edge.
  if (instances_ + 2 * per_lot_ <= lots_ * per_lot_) {
    ledger_.release(seat_, ipc::MemoryShare::baseline, lot());
    --lots_;
  }
}

bool MemoryBudget::enter_big() {
  const std::uint64_t more = limit_.bytes() - baseline_.bytes();
  const std::uint64_t limit = ledger_.limit().bytes();
  // One must be able to have its memory when it is alone, however small the sum.
  const std::uint64_t most = std::max(limit / 8 * 7, std::min(limit, more + lot().bytes()));
  if (ledger_.used().bytes() + more > most) return false;
  return ledger_.try_reserve(seat_, ipc::MemoryShare::big, ByteSize(more));
}

void MemoryBudget::leave_big() {
  ledger_.release(seat_, ipc::MemoryShare::big, ByteSize(limit_.bytes() - baseline_.bytes()));
}

}  // namespace brink::worker
