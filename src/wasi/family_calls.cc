// Processes: their numbers, fork, what becomes of children.

#include <utility>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/family_types.h"

namespace brink::wasi::calls {
namespace {

constexpr u32 kNoHang = 1;

/// A child's end as the guest is told.
GuestJoinStatus status_of(const ProcessExit& exit) {
  GuestJoinStatus status{};
  if (exit.reason == ProcessExit::Reason::signal) {
    status.tag = GuestJoinStatus::signalled;
    status.signal = static_cast<std::uint8_t>(exit.value);
  } else {
    status.tag = GuestJoinStatus::exited;
    status.code = static_cast<std::uint16_t>(exit.value & 0xff);
  }
  return status;
}

Outcome<void> store_joined(HostCall& call, u32 pid_inout, u32 status_out, u32 pid,
                           const GuestJoinStatus& status) {
  GuestOptionNumber number{};
  number.tag = 1;
  number.value = static_cast<std::int32_t>(pid);
  TRY_VOID(store(call, pid_inout, number));
  return store(call, status_out, status);
}

}  // namespace

Outcome<void> proc_id(HostCall& call, u32 pid_out) {
  return store(call, pid_out, Process::of(call).pid());
}

Outcome<void> proc_parent(HostCall& call, u32 pid, u32 parent_out) {
  Process& process = Process::of(call);
  if (pid != process.pid()) return failed(Errno::srch);
  if (process.borrowed()) return store(call, parent_out, process.family()->pid());
  return store(call, parent_out, process.family() ? process.family()->parent() : u32{0});
}

Outcome<void> proc_fork(HostCall& call, u32 copies_memory, u32 pid_out) {
  Process& process = Process::of(call);
  TRY_VOID(expect_room(call, pid_out, sizeof(u32)));
  if (!process.family()) return failed(Errno::nosys);
  // A child of a vfork is no process that could be copied.
  if (process.borrowed()) return failed(Errno::notsup);
  // vfork gets a copy as well: a program cannot tell, but for the memory of its own
  // that it must not write to.
  (void)copies_memory;
  TRY(const u32 pid, process.family()->fork(call));
  return store(call, pid_out, pid);
}

Outcome<void> proc_fork_env(HostCall& call, u32 pid_out) {
  Process& process = Process::of(call);
  TRY_VOID(expect_room(call, pid_out, sizeof(u32)));
  if (!process.family()) return failed(Errno::nosys);
  if (process.borrowed()) return failed(Errno::notsup);
  TRY(const u32 child, process.family()->reserve_child());
  process.borrow(child);
  return store(call, pid_out, child);
}

Attempt proc_exit2(HostCall& call, u32 code) {
  Process& process = Process::of(call);
  if (!process.borrowed()) return proc_exit(call, code);
  const u32 child = process.give_back();
  process.family()->end_reserved(child, {ProcessExit::Reason::code, code});
  return done(Errno::success);
}

Attempt proc_join(HostCall& call, u32 pid_inout, u32 flags, u32 status_out) {
  Process& process = Process::of(call);
  const auto wanted = load<GuestOptionNumber>(call, pid_inout);
  if (!wanted) return done(wanted.error());
  if (auto room = expect_room(call, status_out, sizeof(GuestJoinStatus)); !room) return done(room);
  if (!process.family()) return done(Errno::child);
  std::optional<u32> pid;
  if (wanted->tag == 1 && wanted->value > 0) pid = static_cast<u32>(wanted->value);
  // First what to wait for: the child may end between the two.
  process.family()->await_child(call.wait);
  const auto ended = process.family()->reap(pid);
  if (!ended) return done(ended.error());
  if (*ended) {
    return done(
        store_joined(call, pid_inout, status_out, (*ended)->pid, status_of((*ended)->exit)));
  }
  if ((flags & kNoHang) == 0) return Attempt::again();
  return done(store_joined(call, pid_inout, status_out, 0, {}));
}

}  // namespace brink::wasi::calls
