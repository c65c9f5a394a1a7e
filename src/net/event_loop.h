#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace brink::net {

/// Gets the events of one descriptor. Not owned by the loop.
class EventHandler {
 public:
  /// `events` are epoll's (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR).
  /// May watch, change and unwatch any descriptor, its own included.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EventHandler() = default;
};

/// One epoll set and the time. Level-triggered; used by the one thread that
/// turns it. A handler must be unwatched before it goes: after unwatch() it gets
/// no more events, not even those of the batch being dispatched.
class EventLoop {
 public:
  static Result<EventLoop> create(const Clock& clock);

  /// Fails with resource_exhausted when the kernel refuses another watch.
  Result<void> watch(int fd, std::uint32_t events, EventHandler& handler);
  void change(int fd, std::uint32_t events, EventHandler& handler);
  void unwatch(int fd, EventHandler& handler);

  /// Waits for events for at most `longest` (nothing: for ever; zero: not at
  /// all) and dispatches one batch of them. Returns after a signal, too.
  void turn(std::optional<Duration> longest);

  /// The time at which the current batch began: one clock read per turn.
  [[nodiscard]] MonotonicTime now() const noexcept { return now_; }
  /// Reads the clock anew, after work that took long.
  MonotonicTime refresh_now() noexcept { return now_ = clock_->now(); }
  [[nodiscard]] const Clock& clock() const noexcept { return *clock_; }

 private:
  static constexpr int kBatch = 64;

  EventLoop(const Clock& clock, UniqueFd epoll) : clock_(&clock), epoll_(std::move(epoll)) {}
  Result<void> control(int operation, int fd, std::uint32_t events, EventHandler* handler);

  const Clock* clock_;
  UniqueFd epoll_;
  MonotonicTime now_{};
  std::array<epoll_event, kBatch> batch_{};
  std::span<epoll_event> pending_;  ///< the part of the batch not dispatched yet
};

}  // namespace brink::net
