#include "worker/waiting_room.h"

#include <algorithm>

namespace brink::worker {

std::optional<ipc::Permit> WaitingRoom::take(ipc::Turn turn) {
  if (inside_ >= limits_.inside) return std::nullopt;
  const auto permit = admission_.try_take(turn);
  if (!permit) return std::nullopt;
  if (memory_.enter()) {
    ++inside_;
    return permit;
  }
  admission_.release(*permit);
  return std::nullopt;
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
    admit_waiting();
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
  if (!queue_.empty()) admit_waiting();
}

void WaitingRoom::admit_waiting(ipc::Turn turn) {
  while (!queue_.empty()) {
    const auto permit = take(turn);
    if (!permit) return;
    Admittee* next = queue_.front();
    queue_.pop_front();
    if (queue_.empty()) admission_.leave();
    next->admitted(*permit);
  }
}

void WaitingRoom::on_events(std::uint32_t /*events*/) {
  wakers_.take(seat_);
  admit_waiting();
}

}  // namespace brink::worker
