#include "ipc/memory_ledger.h"

#include <algorithm>
#include <limits>

namespace brink::ipc {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

std::atomic<std::uint64_t>& part(MemoryCell& cell, MemoryShare share) {
  return cell.bytes[static_cast<std::size_t>(share)];
}

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a > kMax - b ? kMax : a + b;
}

}  // namespace

bool MemoryLedger::try_reserve(std::uint32_t seat, MemoryShare share, ByteSize size) noexcept {
  // Sizes beyond the limit are refused before they enter: no sum can wrap.
  if (seat >= cells_.size() || size > limit()) return false;
  part(cells_[seat], share).fetch_add(size.bytes());
  if (used() <= limit()) return true;
  release(seat, share, size);
  return false;
}

void MemoryLedger::release(std::uint32_t seat, MemoryShare share, ByteSize size) noexcept {
  if (seat >= cells_.size()) return;
  auto& bytes = part(cells_[seat], share);
  std::uint64_t now = bytes.load();
  while (!bytes.compare_exchange_weak(now, now - std::min(now, size.bytes()))) {
  }
}

void MemoryLedger::free_seat(std::uint32_t seat) noexcept {
  if (seat >= cells_.size()) return;
  for (auto& bytes : cells_[seat].bytes) bytes.store(0);
}

ByteSize MemoryLedger::used() const noexcept {
  std::uint64_t sum = 0;
  for (const MemoryCell& cell : cells_) {
    for (const auto& bytes : cell.bytes) sum = saturating_add(sum, bytes.load());
  }
  return ByteSize(sum);
}

ByteSize MemoryLedger::used_for(MemoryShare share) const noexcept {
  std::uint64_t sum = 0;
  for (MemoryCell& cell : cells_) sum = saturating_add(sum, part(cell, share).load());
  return ByteSize(sum);
}

ByteSize MemoryLedger::used_by(std::uint32_t seat, MemoryShare share) const noexcept {
  return ByteSize(seat < cells_.size() ? part(cells_[seat], share).load() : 0);
}

ByteSize MemoryLedger::limit() const noexcept { return ByteSize(limit_->load()); }
void MemoryLedger::set_limit(ByteSize limit) noexcept { limit_->store(limit.bytes()); }

}  // namespace brink::ipc
