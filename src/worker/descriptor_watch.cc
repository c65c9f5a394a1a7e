#include "worker/descriptor_watch.h"

#include <poll.h>

#include <algorithm>

namespace brink::worker {

// poll(2) and epoll(7) number what can be awaited alike.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLPRI == EPOLLPRI);

DescriptorWatch::Watched DescriptorWatch::watch(
    std::span<const wasm::WaitSet::Interest> interests) {
  clear();
  std::vector<wasm::WaitSet::Interest> merged(interests.begin(), interests.end());
  std::ranges::sort(merged, {}, &wasm::WaitSet::Interest::fd);
  for (std::size_t i = 0; i < merged.size();) {
    const int fd = merged[i].fd;
    std::uint32_t events = 0;
    for (; i < merged.size() && merged[i].fd == fd; ++i) {
      events |= static_cast<std::uint16_t>(merged[i].events);
    }
    if (!loop_.watch(fd, events, *this)) {
      clear();
      return Watched::not_all;
    }
    watched_.push_back(fd);
  }
  return Watched::all;
}

void DescriptorWatch::clear() {
  for (const int fd : watched_) loop_.unwatch(fd, *this);
  watched_.clear();
}

void DescriptorWatch::on_events(std::uint32_t /*events*/) {
  clear();
  owner_.descriptor_ready();
}

}  // namespace brink::worker
