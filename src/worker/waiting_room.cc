#include "worker/waiting_room.h"

#include <algorithm>

namespace brink::worker {
namespace {

// Admitted between two looks at the sockets: each may run for a slice.
constexpr std::uint32_t kMostAtOnce = 2;

}  // namespace

std::optional<ipc::Permit> WaitingRoom::take(ipc::Turn turn) {
  if (inside_ >= limits_.inside) return std::nullopt;
  // Memory before the permit: a permit given back wakes the first in line, which
  // may be us, and we would look again and again for as long as memory is short.
  if (!memory_.enter()) return std::nullopt;
  const auto permit = admission_.try_take(turn);
  if (!permit) {
    memory_.leave();
    return std::nullopt;
  }
  ++inside_;
  return permit;
}

std::optional<ipc::Permit> WaitingRoom::enter() {
  if (!queue_.empty()) return std::nullopt;
  return take(ipc::Turn::respect);
}

bool WaitingRoom::wait(Admittee& admittee) {
  if (queue_.size() >= limits_.waiting) return false;
  queue_.push_back(&admittee);
  if (queue_.size() > 1) return true;
  // Standing in line first and looking again then, no release can be missed.
  if (const auto permit = admission_.join()) {
    admission_.release(*permit);
    admits_more_ = true;  // not now: its request is still being set up
  }
  return true;
}

void WaitingRoom::give_up(Admittee& admittee) {
  std::erase(queue_, &admittee);
  if (queue_.empty()) admission_.leave();
}

void WaitingRoom::leave(ipc::Permit permit) {
  --inside_;
  memory_.leave();
  admission_.release(permit);
  admits_more_ = true;
}

void WaitingRoom::admit_waiting(ipc::Turn turn) {
  admits_more_ = false;
  for (std::uint32_t admitted = 0; !queue_.empty(); ++admitted) {
    if (admitted == kMostAtOnce) {
      admits_more_ = true;
      break;
    }
    const auto permit = take(turn);
    if (!permit) break;
    Admittee* next = queue_.front();
    queue_.pop_front();
    step_back();
    // One that is done at once gives its permit back before this returns.
    next->admitted(*permit);
  }
}

void WaitingRoom::step_back() {
  if (queue_.empty()) return admission_.leave();
  // One place in line is for one request: a worker whose queue never empties must
  // not stand in front of the others for ever.
  if (const auto permit = admission_.join()) admission_.release(*permit);
}

void WaitingRoom::on_events(std::uint32_t /*events*/) {
  wakers_.take(seat_);
  admit_waiting();
}

}  // namespace brink::worker
