#include "worker/disk_desk.h"

#include <algorithm>
#include <utility>

#include "net/fd_passing.h"
#include "worker/disk_protocol.h"

namespace brink::worker {

using wasi::Errno;
using Ticket = wasi::Disk::Ticket;

DiskDesk::~DiskDesk() {
  if (helper_) loop_.unwatch(helper_.get(), *this);
}

Result<void> DiskDesk::start() {
  return helper_ ? loop_.watch(helper_.get(), EPOLLIN, *this) : Result<void>();
}

DiskDesk::Place* DiskDesk::find(Ticket ticket) {
  const std::size_t index = ticket % kMost;
  Place& place = places_[index];
  const bool same = place.state != State::free && place.generation == ticket / kMost;
  return same ? &place : nullptr;
}

wasi::Outcome<Ticket> DiskDesk::begin(const wasi::Disk::Job& job, DiskCustomer& customer) {
  if (!helper_) return std::unexpected(Errno::notsup);
  const auto place = std::ranges::find(places_, State::free, &Place::state);
  if (place != places_.end()) {
    const auto index = static_cast<std::size_t>(place - places_.begin());
    const Ticket ticket = (Ticket{place->generation} + 1) * kMost + index;
    const DiskRequest request{ticket, job.offset, job.length, static_cast<std::uint64_t>(job.work)};
    const auto sent =
        net::send_with_fds(helper_.get(), std::as_bytes(std::span(&request, 1)), {&job.fd, 1});
    if (!sent || *sent == net::Transfer::closed) return std::unexpected(Errno::notsup);
    if (*sent == net::Transfer::done) {
      *place = {
          .state = State::under_way, .generation = place->generation + 1, .customer = &customer};
      return ticket;
    }
    // The socket is full of jobs: some of the answers will make room. When there are
    // none to come, waiting would be for ever.
    const auto busy = [](const Place& other) { return other.state == State::under_way; };
    if (std::ranges::none_of(places_, busy)) return std::unexpected(Errno::notsup);
  }
  if (std::ranges::find(waiting_, &customer) == waiting_.end()) waiting_.push_back(&customer);
  return std::unexpected(Errno::again);
}

wasi::Outcome<void> DiskDesk::result(Ticket ticket) {
  Place* const place = find(ticket);
  if (place == nullptr) return std::unexpected(Errno::notsup);
  if (place->state == State::under_way) return std::unexpected(Errno::again);
  const int error = place->error;
  const bool done = place->state == State::done;
  free(*place);
  if (!done) return std::unexpected(Errno::notsup);
  if (error != 0) return std::unexpected(wasi::from_host(error));
  return {};
}

void DiskDesk::forget(Ticket ticket) {
  Place* const place = find(ticket);
  if (place == nullptr) return;
  place->customer = nullptr;
  // One under way keeps its place until the answer comes: the helper's queue is bounded.
  if (place->state != State::under_way) free(*place);
}

void DiskDesk::leave(DiskCustomer& customer) {
  std::erase(waiting_, &customer);
  for (Place& place : places_) {
    if (place.customer == &customer) place.customer = nullptr;
  }
}

void DiskDesk::free(Place& place) {
  place.state = State::free;
  place.customer = nullptr;
  place.error = 0;
  if (waiting_.empty()) return;
  DiskCustomer* const next = waiting_.front();
  waiting_.pop_front();
  next->disk_answered();
}

void DiskDesk::take_answer(Ticket ticket, int error) {
  Place* const place = find(ticket);
  if (place == nullptr || place->state != State::under_way) return;
  if (place->customer == nullptr) return free(*place);
  place->state = State::done;
  place->error = error;
  place->customer->disk_answered();
}

void DiskDesk::on_events(std::uint32_t /*events*/) {
  for (;;) {
    DiskAnswer answer{};
    const auto received =
        net::receive_with_fds(helper_.get(), std::as_writable_bytes(std::span(&answer, 1)));
    if (received && received->transfer == net::Transfer::would_block) return;
    const bool good =
        received && received->transfer == net::Transfer::done && received->size == sizeof(answer);
    if (!good) return close_down();
    take_answer(answer.ticket, static_cast<int>(answer.error));
  }
}

/// The helper has died. What it had is done where it is wanted.
void DiskDesk::close_down() {
  loop_.unwatch(helper_.get(), *this);
  helper_.reset();
  log_.line("worker").field("event", "disk_helper_ended").end();
  for (Place& place : places_) {
    if (place.state != State::under_way) continue;
    place.state = place.customer != nullptr ? State::not_done : State::free;
    if (place.customer != nullptr) place.customer->disk_answered();
  }
  for (DiskCustomer* customer : std::exchange(waiting_, {})) customer->disk_answered();
}

}  // namespace brink::worker
