#include "ipc/admission.h"

namespace brink::ipc {

std::optional<Permit> Admission::try_take(Turn turn) noexcept {
  if (turn == Turn::respect) {
    const auto first = line_.oldest();
    if (first && *first != seat_.index) return std::nullopt;
  }
  return permits_.try_take(seat_, hint_);
}

std::optional<Permit> Admission::join() noexcept {
  const bool gave_up_a_place = line_.waits(seat_.index);
  line_.join(seat_.index);
  const auto permit = try_take();
  // The seat behind us may have been passed over while we stood in front of it.
  if (gave_up_a_place && !permit) wake_oldest();
  return permit;
}

void Admission::leave() noexcept {
  if (!line_.waits(seat_.index)) return;
  line_.leave(seat_.index);
  wake_oldest();
}

void Admission::release(Permit permit) noexcept {
  if (permits_.release(permit, seat_)) wake_oldest();
}

void Admission::wake_oldest() const noexcept {
  const auto seat = line_.oldest();
  if (seat && permits_.any_free()) wakers_->wake(*seat);
}

}  // namespace brink::ipc
