#include <utility>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/event_counter.h"
#include "wasi/pipe.h"

namespace brink::wasi::calls {
namespace {

using OnExec = Descriptor::OnExec;

constexpr u32 kSemaphore = 1;

Outcome<void> add_duplicate(HostCall& call, u32 fd, u32 from, OnExec on_exec, u32 fd_out) {
  TRY_VOID(expect_room(call, fd_out, sizeof(u32)));
  TRY(const u32 number, Process::of(call).descriptors().duplicate(fd, from, on_exec));
  return store(call, fd_out, number);
}

}  // namespace

Outcome<void> fd_dup(HostCall& call, u32 fd, u32 fd_out) {
  return add_duplicate(call, fd, 0, OnExec::stays, fd_out);
}

Outcome<void> fd_dup2(HostCall& call, u32 fd, u32 from, u32 cloexec, u32 fd_out) {
  return add_duplicate(call, fd, from, cloexec != 0 ? OnExec::closes : OnExec::stays, fd_out);
}

Outcome<void> fd_fdflags_get(HostCall& call, u32 fd, u32 flags_out) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, Rights()));
  const bool closes = descriptor->on_exec == OnExec::closes;
  return store(call, flags_out, closes ? fdflag_ext::cloexec : std::uint16_t{0});
}

Outcome<void> fd_fdflags_set(HostCall& call, u32 fd, u32 flags) {
  TRY(Descriptor * descriptor, lookup(Process::of(call), fd, Rights()));
  if ((flags & ~u32{fdflag_ext::all}) != 0) return failed(Errno::inval);
  descriptor->on_exec = flags != 0 ? OnExec::closes : OnExec::stays;
  return {};
}

Outcome<void> fd_pipe(HostCall& call, u32 read_out, u32 write_out) {
  TRY_VOID(expect_room(call, read_out, sizeof(u32)));
  TRY_VOID(expect_room(call, write_out, sizeof(u32)));
  DescriptorTable& table = Process::of(call).descriptors();
  if (table.open_count() + 2 > table.limit()) return failed(Errno::mfile);
  TRY(Pipe::Ends ends, Pipe::create());
  TRY(const u32 read, table.add({std::move(ends.read), kPipeReadRights, Rights(), std::nullopt}));
  TRY(const u32 write,
      table.add({std::move(ends.write), kPipeWriteRights, Rights(), std::nullopt}));
  TRY_VOID(store(call, read_out, read));
  return store(call, write_out, write);
}

Outcome<void> fd_event(HostCall& call, u64 initial, u32 flags, u32 fd_out) {
  TRY_VOID(expect_room(call, fd_out, sizeof(u32)));
  DescriptorTable& table = Process::of(call).descriptors();
  if (table.full()) return failed(Errno::mfile);
  // libc hands on what programs give to eventfd(): more bits than these two.
  const auto kind =
      (flags & kSemaphore) != 0 ? EventCounter::Kind::semaphore : EventCounter::Kind::counter;
  TRY(auto counter,
      EventCounter::create(initial, kind, static_cast<std::uint16_t>(flags & fdflag::nonblock)));
  TRY(const u32 number, table.add({std::move(counter), kEventRights, Rights(), std::nullopt}));
  return store(call, fd_out, number);
}

}  // namespace brink::wasi::calls
