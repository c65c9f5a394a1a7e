#include "ipc/waiting_line.h"

#include <bit>
#include <limits>

namespace brink::ipc {
namespace {

std::uint64_t bit_of(std::uint32_t seat) { return std::uint64_t{1} << (seat % 64); }

}  // namespace

void WaitingLine::join(std::uint32_t seat) noexcept {
  if (seat >= tickets_.size()) return;
  // The ticket first: whoever sees the bit must not read a ticket of an earlier wait.
  tickets_[seat].store(state_->next_ticket.fetch_add(1));
  state_->waiting[seat / 64].fetch_or(bit_of(seat));
}

void WaitingLine::leave(std::uint32_t seat) noexcept {
  if (seat < tickets_.size()) state_->waiting[seat / 64].fetch_and(~bit_of(seat));
}

bool WaitingLine::waits(std::uint32_t seat) const noexcept {
  return seat < tickets_.size() && (state_->waiting[seat / 64].load() & bit_of(seat)) != 0;
}

std::optional<std::uint32_t> WaitingLine::oldest() const noexcept {
  std::optional<std::uint32_t> seat;
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (std::uint32_t i = 0; i < state_->waiting.size(); ++i) {
    for (std::uint64_t word = state_->waiting[i].load(); word != 0; word &= word - 1) {
      const std::uint32_t candidate = i * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
      if (candidate >= tickets_.size()) break;
      const std::uint64_t ticket = tickets_[candidate].load();
      if (!seat || ticket < lowest) {
        seat = candidate;
        lowest = ticket;
      }
    }
  }
  return seat;
}

}  // namespace brink::ipc
