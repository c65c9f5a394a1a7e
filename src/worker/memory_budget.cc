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

bool MemoryBudget::reserve_lot() {
  if (!ledger_.try_reserve(seat_, ipc::MemoryShare::baseline, lot())) return false;
  // If baselines filled the sum, all instances could come to wait for more, and none
  // of them would ever get it.
  const std::uint64_t limit = ledger_.limit().bytes();
  const std::uint64_t most = std::max(limit - std::min(limit, more()), lot().bytes());
  if (ledger_.used_for(ipc::MemoryShare::baseline).bytes() <= most) return true;
  ledger_.release(seat_, ipc::MemoryShare::baseline, lot());
  return false;
}

bool MemoryBudget::enter() {
  if (instances_ == lots_ * per_lot_) {
    if (!reserve_lot()) return false;
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
  // The first one may have what is there, however small the sum.
  const bool first = ledger_.used_for(ipc::MemoryShare::big) == ByteSize{};
  const std::uint64_t most = ledger_.limit().bytes() / 8 * 7;
  if (!first && ledger_.used().bytes() + more() > most) return false;
  return ledger_.try_reserve(seat_, ipc::MemoryShare::big, ByteSize(more()));
}

void MemoryBudget::leave_big() { ledger_.release(seat_, ipc::MemoryShare::big, ByteSize(more())); }

}  // namespace brink::worker
