#include "net/event_loop.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace brink::net {

Result<EventLoop> EventLoop::create(const Clock& clock) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "epoll_create1", errno));
  }
  EventLoop loop(clock, std::move(epoll));
  loop.refresh_now();
  return loop;
}

Result<void> EventLoop::control(int operation, int fd, std::uint32_t events,
                                EventHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "epoll_ctl", errno));
  }
  return {};
}

Result<void> EventLoop::watch(int fd, std::uint32_t events, EventHandler& handler) {
  return control(EPOLL_CTL_ADD, fd, events, &handler);
}

void EventLoop::change(int fd, std::uint32_t events, EventHandler& handler) {
  BRINK_CHECK(control(EPOLL_CTL_MOD, fd, events, &handler).has_value());
}

void EventLoop::unwatch(int fd, EventHandler& handler) {
  BRINK_CHECK(control(EPOLL_CTL_DEL, fd, 0, nullptr).has_value());
  for (epoll_event& event : pending_) {
    if (event.data.ptr == &handler) event.data.ptr = nullptr;
  }
}

void EventLoop::turn(std::optional<Duration> longest) {
  int timeout = -1;
  if (longest) {
    // Rounded up: a deadline must have passed when the loop wakes for it.
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(*longest).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(whole, 0, 1 << 30));
  }
  const int count = ::epoll_wait(epoll_.get(), batch_.data(), kBatch, timeout);
  refresh_now();
  if (count < 0) {
    BRINK_CHECK(errno == EINTR);
    return;
  }
  pending_ = std::span(batch_).first(static_cast<std::size_t>(count));
  while (!pending_.empty()) {
    const epoll_event event = pending_.front();
    pending_ = pending_.subspan(1);
    if (event.data.ptr != nullptr) {
      static_cast<EventHandler*>(event.data.ptr)->on_events(event.events);
    }
  }
}

}  // namespace brink::net
