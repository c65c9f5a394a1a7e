#include "worker/guest_watch.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>

namespace brink::worker {
namespace {

// poll(2) and epoll(7) have the same bits for these.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT);

}  // namespace

bool GuestWatch::watch(const std::vector<wasm::WaitSet::Interest>& interests) {
  clear();
  for (const auto& interest : interests) {
    const auto known = std::ranges::find(watched_, interest.fd, &wasm::WaitSet::Interest::fd);
    if (known == watched_.end()) {
      watched_.push_back(interest);
    } else {
      known->events = static_cast<short>(known->events | interest.events);
    }
  }
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const auto events = static_cast<std::uint32_t>(watched_[i].events);
    if (loop_.watch(watched_[i].fd, events, *this)) continue;
    watched_.resize(i);
    clear();
    return false;
  }
  return true;
}

void GuestWatch::clear() {
  for (const auto& interest : watched_) loop_.unwatch(interest.fd, *this);
  watched_.clear();
}

void GuestWatch::on_events(std::uint32_t /*events*/) {
  clear();
  owner_.awaited_event();
}

}  // namespace brink::worker
