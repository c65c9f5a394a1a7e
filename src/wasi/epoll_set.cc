#include "wasi/epoll_set.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "wasi/kernel_readiness.h"

namespace brink::wasi {
namespace {

using Direction = OpenDescription::Direction;

struct Bit {
  std::uint32_t guest;
  std::uint32_t host;
};
constexpr std::array<Bit, 8> kBits = {{{epoll_bit::in, EPOLLIN},
                                       {epoll_bit::out, EPOLLOUT},
                                       {epoll_bit::rdhup, EPOLLRDHUP},
                                       {epoll_bit::pri, EPOLLPRI},
                                       {epoll_bit::err, EPOLLERR},
                                       {epoll_bit::hup, EPOLLHUP},
                                       {epoll_bit::et, EPOLLET},
                                       {epoll_bit::oneshot, EPOLLONESHOT}}};

std::uint32_t to_host(std::uint32_t guest) {
  std::uint32_t host = 0;
  for (const Bit& bit : kBits) {
    if (guest & bit.guest) host |= bit.host;
  }
  return host;
}

std::uint32_t to_guest(std::uint32_t host) {
  std::uint32_t guest = 0;
  for (const Bit& bit : kBits) {
    if (host & bit.host) guest |= bit.guest;
  }
  return guest;
}

bool wants_reading(std::uint32_t events) {
  return (events & (epoll_bit::in | epoll_bit::rdhup)) != 0 || (events & epoll_bit::out) == 0;
}

bool wants_writing(std::uint32_t events) { return (events & epoll_bit::out) != 0; }

/// What a description that is asked has of these events, and of those that are
/// always told. A direction that it does not have says nothing.
std::uint32_t state_of(OpenDescription& open, std::uint32_t events) noexcept {
  std::uint32_t state = 0;
  if (wants_reading(events)) {
    const auto read = open.readiness(Direction::read);
    if (read && read->ready()) state |= epoll_bit::in & events;
    if (read && read->state == Readiness::State::hung_up) {
      state |= epoll_bit::hup | (epoll_bit::rdhup & events);
    }
  }
  if (wants_writing(events)) {
    const auto write = open.readiness(Direction::write);
    if (write && write->ready()) state |= epoll_bit::out;
    if (write && write->state == Readiness::State::hung_up) state |= epoll_bit::err;
  }
  return state;
}

void add_blocked(OpenDescription& open, Direction direction, wasm::WaitSet& wait) noexcept {
  const auto readiness = open.readiness(direction);
  if (readiness && !readiness->ready()) open.add_wait(direction, wait);
}

}  // namespace

Outcome<std::shared_ptr<EpollSet>> EpollSet::create(std::uint32_t limit) {
  UniqueFd kernel(::epoll_create1(EPOLL_CLOEXEC));
  if (!kernel) return std::unexpected(from_host(errno));
  return std::make_shared<EpollSet>(std::move(kernel), limit);
}

EpollSet::~EpollSet() {
  while (!members_.empty()) drop(members_.begin()->first);
}

EpollSet::Member* EpollSet::find(Id id) noexcept {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

Outcome<void> EpollSet::put(std::uint32_t fd, const std::shared_ptr<OpenDescription>& open,
                            const Interest& interest) {
  if (const auto known = ids_.find(Key{open.get(), fd}); known != ids_.end()) {
    Member& member = *find(known->second);
    if (member.open.lock() == open) {
      member.interest = interest;
      return renew(member, *open);
    }
    drop(member.id);  // of a description that is gone; this one has its address
  }
  return insert(fd, open, interest);
}

Outcome<void> EpollSet::insert(std::uint32_t fd, const std::shared_ptr<OpenDescription>& open,
                               const Interest& interest) {
  EpollSet* const nested = open->epoll_set();
  if (nested && (nested == this || inside_sets_ != 0 || nested->sets_inside_ != 0)) {
    return std::unexpected(Errno::loop);
  }
  if (members_.size() >= limit_) return std::unexpected(Errno::nospc);
  Member& member = members_[++last_id_];
  member.id = last_id_;
  member.open = open;
  member.identity = open.get();
  member.fd = fd;
  member.interest = interest;
  member.is_set = nested != nullptr;
  ids_.emplace(Key{open.get(), fd}, member.id);
  if (nested) {
    ++sets_inside_;
    ++nested->inside_sets_;
  }
  auto watched = watch(member, *open);
  if (!watched) drop(member.id);
  return watched;
}

Outcome<void> EpollSet::renew(Member& member, const OpenDescription& open) {
  member.disarmed = false;
  member.seen = 0;
  if (member.place == Member::Place::nowhere) return watch(member, open);
  if (member.place == Member::Place::asked) return {};
  epoll_event event{.events = to_host(member.interest.events), .data = {.u64 = member.id}};
  const int fd = member.own ? member.own.get() : open.kernel_descriptor();
  if (::epoll_ctl(kernel_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
    return std::unexpected(from_host(errno));
  }
  return {};
}

Outcome<void> EpollSet::watch(Member& member, const OpenDescription& open) {
  int fd = open.kernel_descriptor();
  epoll_event event{.events = to_host(member.interest.events), .data = {.u64 = member.id}};
  int added = fd < 0 ? -1 : ::epoll_ctl(kernel_.get(), EPOLL_CTL_ADD, fd, &event);
  if (fd >= 0 && added != 0 && errno == EEXIST) {
    member.own = UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!member.own) return std::unexpected(from_host(errno));
    added = ::epoll_ctl(kernel_.get(), EPOLL_CTL_ADD, member.own.get(), &event);
    if (added == 0) copies_.push_back(member.id);
  }
  if (added == 0) {
    member.place = Member::Place::kernel;
    return {};
  }
  // EPERM: a file, which the kernel says is always ready and never puts into a set.
  if (fd >= 0 && errno != EPERM) return std::unexpected(from_host(errno));
  member.place = Member::Place::asked;
  asked_.push_back(member.id);
  return {};
}

void EpollSet::remove(std::uint32_t fd, const OpenDescription& open) {
  if (const auto known = ids_.find(Key{&open, fd}); known != ids_.end()) drop(known->second);
}

void EpollSet::forget(const OpenDescription& open) noexcept {
  auto at = ids_.lower_bound(Key{&open, 0});
  while (at != ids_.end() && at->first.first == &open) drop((at++)->second);
}

void EpollSet::drop(Id id) noexcept {
  Member& member = *find(id);
  const auto open = member.open.lock();
  if (member.place == Member::Place::kernel && (open || member.own)) {
    const int fd = member.own ? member.own.get() : open->kernel_descriptor();
    ::epoll_ctl(kernel_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
  if (member.place == Member::Place::asked) std::erase(asked_, id);
  if (member.own) std::erase(copies_, id);
  if (member.is_set) {
    --sets_inside_;
    if (open) --open->epoll_set()->inside_sets_;
  }
  ids_.erase(Key{member.identity, member.fd});
  members_.erase(id);
}

/// Descriptions that went unseen, with a thread that was still using them.
void EpollSet::drop_expired() noexcept {
  const auto expired = [&](Id id) { return find(id)->open.expired(); };
  for (const std::vector<Id>* ids : {&asked_, &copies_}) {
    for (auto gone = std::ranges::find_if(*ids, expired); gone != ids->end();
         gone = std::ranges::find_if(*ids, expired)) {
      drop(*gone);
    }
  }
}

/// Starts anew in the kernel.
void EpollSet::rebuild() noexcept {
  UniqueFd anew(::epoll_create1(EPOLL_CLOEXEC));
  if (!anew) return;
  kernel_ = std::move(anew);
  copies_.clear();
  std::vector<Id> gone;
  for (auto& [id, member] : members_) {
    if (member.place == Member::Place::asked) continue;
    member.place = Member::Place::nowhere;
    member.own.reset();
    const auto open = member.open.lock();
    // Watched again when the guest arms it again: the kernel can't add it disarmed.
    if (open && member.disarmed) continue;
    if (!open || !watch(member, *open)) gone.push_back(id);
  }
  for (const Id id : gone) drop(id);
}

void EpollSet::after_fork_in_child() noexcept { rebuild(); }

Outcome<std::size_t> EpollSet::collect(std::span<Event> events) {
  events = events.first(std::min(events.size(), kMaxEvents));
  drop_expired();
  // Taking turns, so that neither kind can crowd out the other.
  const bool asked_first = ++collections_ % 2 == 0;
  std::size_t count = asked_first ? collect_asked(events) : collect_kernel(events);
  const auto rest = events.subspan(count);
  if (!rest.empty()) count += asked_first ? collect_kernel(rest) : collect_asked(rest);
  return count;
}

std::size_t EpollSet::collect_kernel(std::span<Event> events) {
  if (asked_.size() == members_.size()) return 0;
  std::array<epoll_event, kMaxEvents> happened;
  int count = 0;
  do {
    count = ::epoll_wait(kernel_.get(), happened.data(), static_cast<int>(events.size()), 0);
  } while (count < 0 && errno == EINTR);
  std::size_t taken = 0;
  bool unknown = false;
  for (int i = 0; i < count; ++i) {
    Member* const member = find(happened[i].data.u64);
    if (!member || (member->open.expired() && !member->own)) {
      // Of a file that only another process still has open: no way to remove it.
      unknown = true;
      continue;
    }
    if (member->interest.events & epoll_bit::oneshot) member->disarmed = true;
    events[taken++] = {to_guest(happened[i].events), member->interest.data};
  }
  if (unknown) rebuild();
  return taken;
}

bool EpollSet::is_told(const Member& member, const OpenDescription& open,
                       std::uint32_t state) noexcept {
  if (state == 0) return true;
  if ((member.interest.events & epoll_bit::et) == 0) return false;
  return (state & ~member.seen) == 0 && open.times_blocked() == member.seen_blocked;
}

std::size_t EpollSet::collect_asked(std::span<Event> events) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < asked_.size() && taken < events.size(); ++i) {
    next_asked_ = (next_asked_ + 1) % asked_.size();
    Member& member = *find(asked_[next_asked_]);
    const auto open = member.open.lock();
    if (!open || member.disarmed) continue;
    const std::uint32_t state = state_of(*open, member.interest.events);
    const bool told = is_told(member, *open, state);
    member.seen = state;
    member.seen_blocked = open->times_blocked();
    if (told) continue;
    if (member.interest.events & epoll_bit::oneshot) member.disarmed = true;
    events[taken++] = {state, member.interest.data};
  }
  return taken;
}

void EpollSet::add_wait(wasm::WaitSet& wait) noexcept {
  wait.on_fd(kernel_.get(), POLLIN);
  for (const Id id : asked_) {
    const Member& member = *find(id);
    const auto open = member.open.lock();
    if (!open || member.disarmed) continue;
    if (wants_reading(member.interest.events)) add_blocked(*open, Direction::read, wait);
    if (wants_writing(member.interest.events)) add_blocked(*open, Direction::write, wait);
  }
}

Outcome<void> EpollSet::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> EpollSet::read(std::span<const MutableBytes>) noexcept {
  return std::unexpected(Errno::inval);
}

Outcome<std::uint64_t> EpollSet::write(std::span<const ConstBytes>) noexcept {
  return std::unexpected(Errno::inval);
}

Outcome<Readiness> EpollSet::readiness(Direction direction) noexcept {
  if (direction == Direction::write) return Readiness{};
  if (kernel_readiness(kernel_.get(), POLLIN).ready()) {
    return Readiness{.state = Readiness::State::ready};
  }
  for (const Id id : asked_) {
    const Member& member = *find(id);
    const auto open = member.open.lock();
    if (!open || member.disarmed) continue;
    const std::uint32_t state = state_of(*open, member.interest.events);
    if (!is_told(member, *open, state)) {
      return Readiness{.state = Readiness::State::ready};
    }
  }
  return Readiness{};
}

void EpollSet::add_wait(Direction direction, wasm::WaitSet& wait) noexcept {
  if (direction == Direction::read) add_wait(wait);
}

}  // namespace brink::wasi
