#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <utility>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/epoll_set.h"

namespace brink::wasi::calls {
namespace {

/// Both numberings at once: WASIX's documents have 0 add, 1 modify, 2 delete, its C
/// library hands on Linux's 1 add, 2 delete, 3 modify. What adds and what modifies is
/// one operation here, so that no program is told a wrong "exists" or "no such".
constexpr u32 kDelete = 2;
constexpr u32 kLastOperation = 3;

constexpr u64 kForever = std::numeric_limits<u64>::max();

struct GuestEpollEvent {
  u32 events;
  u32 pad;
  u32 pointer;
  u32 fd;
  u32 data1;
  u32 pad1;
  u64 data2;
};
static_assert(sizeof(GuestEpollEvent) == 32);
static_assert(offsetof(GuestEpollEvent, pointer) == 8);
static_assert(offsetof(GuestEpollEvent, data1) == 16);
static_assert(offsetof(GuestEpollEvent, data2) == 24);

/// BADF for what is not open, INVAL for what is no epoll set.
Outcome<EpollSet*> find_set(Process& process, u32 fd) {
  TRY(const Descriptor* descriptor, lookup(process, fd, Rights()));
  EpollSet* const set = descriptor->open->epoll_set();
  if (set == nullptr) return failed(Errno::inval);
  return set;
}

}  // namespace

Outcome<void> epoll_create(HostCall& call, u32 fd_out) {
  TRY_VOID(expect_room(call, fd_out, sizeof(u32)));
  DescriptorTable& table = Process::of(call).descriptors();
  if (table.full()) return failed(Errno::mfile);
  TRY(auto set, EpollSet::create(table.limit()));
  TRY(const u32 number, table.add({std::move(set), kEpollRights, Rights(), std::nullopt}));
  return store(call, fd_out, number);
}

Outcome<void> epoll_ctl(HostCall& call, u32 epoll_fd, u32 operation, u32 fd, u32 event) {
  Process& process = Process::of(call);
  TRY(EpollSet * set, find_set(process, epoll_fd));
  TRY(const Descriptor* member, lookup(process, fd, right::poll_fd_readwrite));
  if (operation > kLastOperation || epoll_fd == fd) return failed(Errno::inval);
  if (operation == kDelete) {
    set->remove(fd, *member->open);
    return {};
  }
  TRY(const auto wanted, load<GuestEpollEvent>(call, event));
  TRY_VOID(set->put(fd, member->open,
                    {wanted.events, {wanted.pointer, wanted.fd, wanted.data1, wanted.data2}}));
  member->open->watched();
  return {};
}

Attempt epoll_wait(HostCall& call, u32 epoll_fd, u32 events, u32 most, u64 timeout, u32 count_out) {
  Process& process = Process::of(call);
  const auto set = find_set(process, epoll_fd);
  if (!set) return done(set.error());
  if (most == 0 || most > std::numeric_limits<std::int32_t>::max()) return done(Errno::inval);
  most = std::min(most, static_cast<u32>(EpollSet::kMaxEvents));
  const auto room = call.memory.bytes(events, u64{most} * sizeof(GuestEpollEvent));
  if (!room || !call.memory.bytes(count_out, sizeof(u32))) return done(Errno::fault);

  std::array<EpollSet::Event, EpollSet::kMaxEvents> happened;
  const auto count = (*set)->collect(std::span(happened).first(most));
  if (!count) return done(count.error());
  for (std::size_t i = 0; i < *count; ++i) {
    const auto& [bits, data] = happened[i];
    const GuestEpollEvent event{bits, 0, data.pointer, data.fd, data.data1, 0, data.data2};
    std::memcpy(room->data() + i * sizeof event, &event, sizeof event);
  }
  const MonotonicTime now = process.clock().now();
  if (timeout != kForever && !call.deadline) call.deadline = later(now, timeout);
  if (*count == 0 && (!call.deadline || now < *call.deadline)) {
    (*set)->add_wait(call.wait);
    if (call.deadline) call.wait.until(*call.deadline);
    return Attempt::again();
  }
  return done(store(call, count_out, static_cast<u32>(*count)));
}

}  // namespace brink::wasi::calls
