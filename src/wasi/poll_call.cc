#include <poll.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/clock_id.h"
#include "wasi/types.h"
#include "wasi/unstable_types.h"

namespace brink::wasi::calls {
namespace {

using Direction = OpenDescription::Direction;

constexpr std::uint16_t kAbsolute = 1;
constexpr std::uint16_t kHungUp = 1;

bool is_clock(const GuestSubscription& subscription) {
  return subscription.tag == static_cast<std::uint8_t>(EventType::clock);
}

/// One evaluation of all subscriptions.
class Poll {
 public:
  Poll(HostCall& call, std::vector<GuestSubscription> subscriptions)
      : call_(call),
        process_(Process::of(call)),
        now_(process_.clock().now()),
        subscriptions_(std::move(subscriptions)) {}

  /// The events that are there, or none; the call's WaitSet then says what for.
  std::vector<GuestEvent> run();

 private:
  void evaluate(const GuestSubscription& subscription);
  void evaluate_clock(const GuestSubscription& subscription);
  void evaluate_descriptor(const GuestSubscription& subscription, Direction direction);
  void ask_kernel();
  [[nodiscard]] bool is_blocked(const GuestSubscription& subscription) const;
  void fix_start();
  Outcome<MonotonicTime> deadline_of(const GuestSubscription& subscription) const;
  void add(const GuestSubscription& subscription, Errno error, const Readiness& readiness = {});

  HostCall& call_;
  Process& process_;
  MonotonicTime now_;
  MonotonicTime start_;  ///< of the call: what relative time-outs count from
  std::vector<GuestSubscription> subscriptions_;
  std::vector<pollfd> asked_;  ///< by subscription; below 0 for what is not asked
  std::vector<GuestEvent> events_;
};

void Poll::add(const GuestSubscription& subscription, Errno error, const Readiness& readiness) {
  GuestEvent event{};
  event.userdata = subscription.userdata;
  event.error = static_cast<std::uint16_t>(error);
  event.type = subscription.tag;
  event.nbytes = readiness.bytes;
  event.flags = readiness.state == Readiness::State::hung_up ? kHungUp : std::uint16_t{0};
  events_.push_back(event);
}

/// HostCall keeps one point in time between attempts: the earliest end of a
/// relative time-out. The start of the call follows from it.
void Poll::fix_start() {
  u64 shortest = std::numeric_limits<u64>::max();
  for (const GuestSubscription& subscription : subscriptions_) {
    if (is_clock(subscription) && (subscription.flags & kAbsolute) == 0) {
      shortest = std::min(shortest, subscription.timeout);
    }
  }
  if (!call_.deadline) call_.deadline = later(now_, shortest);
  const auto length = static_cast<std::int64_t>(
      std::min(shortest, static_cast<u64>(call_.deadline->since_boot.count())));
  start_ = {call_.deadline->since_boot - Duration(length)};
}

/// When a clock's subscription ends, on the monotonic clock.
Outcome<MonotonicTime> Poll::deadline_of(const GuestSubscription& subscription) const {
  if ((subscription.flags & ~kAbsolute) != 0) return failed(Errno::inval);
  const auto clock = static_cast<ClockId>(subscription.id_or_fd);
  if (clock != ClockId::realtime && clock != ClockId::monotonic) {
    // Nothing here can wait for processor time that passes only while it runs.
    const bool exists = clock == ClockId::process_cpu || clock == ClockId::thread_cpu;
    return failed(exists ? Errno::notsup : Errno::inval);
  }
  if ((subscription.flags & kAbsolute) == 0) {
    const bool now = subscription.timeout < process_.profile().least_timeout;
    return now ? now_ : later(start_, subscription.timeout);
  }
  if (clock == ClockId::monotonic) return later(MonotonicTime{}, subscription.timeout);
  const auto wall = static_cast<u64>(process_.wall().count());
  return subscription.timeout <= wall ? now_ : later(now_, subscription.timeout - wall);
}

void Poll::evaluate_clock(const GuestSubscription& subscription) {
  const auto deadline = deadline_of(subscription);
  if (!deadline) return add(subscription, deadline.error());
  if (*deadline <= now_) return add(subscription, Errno::success);
  call_.wait.until(*deadline);
}

/// Asks the kernel about all descriptors at once: most of many are not ready, and
/// then this is all there is to do for them.
void Poll::ask_kernel() {
  if (subscriptions_.size() < 3) return;
  asked_.assign(subscriptions_.size(), {-1, 0, 0});
  for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
    const GuestSubscription& subscription = subscriptions_[i];
    const bool reads = subscription.tag == static_cast<std::uint8_t>(EventType::fd_read);
    const bool writes = subscription.tag == static_cast<std::uint8_t>(EventType::fd_write);
    if (!reads && !writes) continue;
    const Rights needed = right::poll_fd_readwrite | (reads ? right::fd_read : right::fd_write);
    const auto found = lookup(process_, subscription.id_or_fd, needed);
    if (!found) continue;
    asked_[i] = {(*found)->open->kernel_descriptor(), static_cast<short>(reads ? POLLIN : POLLOUT),
                 0};
  }
  // When it fails all are asked one by one.
  if (::poll(asked_.data(), asked_.size(), 0) < 0) asked_.clear();
}

bool Poll::is_blocked(const GuestSubscription& subscription) const {
  if (asked_.empty()) return false;
  const pollfd& asked = asked_[static_cast<std::size_t>(&subscription - subscriptions_.data())];
  return asked.fd >= 0 && asked.revents == 0;
}

void Poll::evaluate_descriptor(const GuestSubscription& subscription, Direction direction) {
  const auto found = lookup(process_, subscription.id_or_fd, right::poll_fd_readwrite);
  if (!found) return add(subscription, found.error());
  OpenDescription& open = *(*found)->open;
  open.watched();
  if (is_blocked(subscription)) return open.add_wait(direction, call_.wait);
  const auto readiness = open.readiness(direction);
  if (!readiness) return add(subscription, readiness.error());
  if (readiness->ready()) return add(subscription, Errno::success, *readiness);
  open.add_wait(direction, call_.wait);
}

void Poll::evaluate(const GuestSubscription& subscription) {
  switch (static_cast<EventType>(subscription.tag)) {
    case EventType::clock:
      return evaluate_clock(subscription);
    case EventType::fd_read:
      return evaluate_descriptor(subscription, Direction::read);
    case EventType::fd_write:
      return evaluate_descriptor(subscription, Direction::write);
  }
  add(subscription, Errno::inval);
}

std::vector<GuestEvent> Poll::run() {
  fix_start();
  ask_kernel();
  for (const GuestSubscription& subscription : subscriptions_) evaluate(subscription);
  return std::move(events_);
}

GuestSubscription current(const GuestSubscription& subscription) { return subscription; }

GuestSubscription current(const UnstableSubscription& old) {
  GuestSubscription subscription{};
  subscription.userdata = old.userdata;
  subscription.tag = old.tag;
  const bool is_clock = old.tag == static_cast<std::uint8_t>(EventType::clock);
  subscription.id_or_fd = is_clock ? old.clock : old.fd;
  subscription.timeout = old.timeout;
  subscription.precision = old.precision;
  subscription.flags = old.flags;
  return subscription;
}

/// Subscription is the guest's layout.
template <class Subscription>
Outcome<std::vector<GuestSubscription>> copy_subscriptions(const HostCall& call, u32 address,
                                                           u32 count) {
  if (count == 0 || count > Process::of(call).limits().subscriptions) {
    return failed(Errno::inval);
  }
  const auto bytes = call.memory.bytes(address, u64{count} * sizeof(Subscription));
  if (!bytes) return failed(Errno::fault);
  std::vector<GuestSubscription> copy(count);
  for (u32 i = 0; i < count; ++i) {
    Subscription subscription;
    std::memcpy(&subscription, bytes->data() + i * sizeof subscription, sizeof subscription);
    copy[i] = current(subscription);
  }
  return copy;
}

template <class Subscription>
Attempt poll(HostCall& call, u32 subscriptions, u32 events, u32 count, u32 count_out) {
  auto copied = copy_subscriptions<Subscription>(call, subscriptions, count);
  if (!copied) return done(copied.error());
  // Sleeps take any error for one that cannot happen: they end in time, or not at all.
  if (std::ranges::all_of(*copied, is_clock)) call.on_signal = HostCall::OnSignal::goes_on;
  const auto room = call.memory.bytes(events, u64{count} * sizeof(GuestEvent));
  if (!room || !call.memory.bytes(count_out, sizeof(u32))) return done(Errno::fault);

  const auto happened = Poll(call, std::move(*copied)).run();
  if (happened.empty()) return Attempt::again();
  std::memcpy(room->data(), happened.data(), happened.size() * sizeof(GuestEvent));
  return done(store(call, count_out, static_cast<u32>(happened.size())));
}

}  // namespace

Attempt poll_oneoff(HostCall& call, u32 subscriptions, u32 events, u32 count, u32 count_out) {
  return poll<GuestSubscription>(call, subscriptions, events, count, count_out);
}

Attempt unstable_poll_oneoff(HostCall& call, u32 subscriptions, u32 events, u32 count,
                             u32 count_out) {
  return poll<UnstableSubscription>(call, subscriptions, events, count, count_out);
}

}  // namespace brink::wasi::calls
