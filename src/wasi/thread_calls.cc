#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {
namespace {

/// The number of the new thread. A process that has no others cannot start any.
Outcome<u32> start_thread(HostCall& call, u32 record) {
  Family* const family = Process::of(call).family();
  if (!family) return failed(Errno::notsup);
  return family->start_thread(call, record);
}

}  // namespace

Outcome<void> thread_spawn_v2(HostCall& call, u32 record, u32 thread_out) {
  TRY_VOID(expect_room(call, thread_out, sizeof(u32)));
  TRY(const u32 thread, start_thread(call, record));
  return store(call, thread_out, thread);
}

Attempt thread_spawn(HostCall& call, u32 record) {
  const auto thread = start_thread(call, record);
  if (thread) return Attempt::done(*thread);
  return Attempt::done(-static_cast<u32>(thread.error()));
}

Outcome<void> thread_id(HostCall& call, u32 thread_out) {
  return store(call, thread_out, Thread::of(call).id);
}

Outcome<void> thread_parallelism(HostCall& call, u32 count_out) {
  Family* const family = Process::of(call).family();
  return store(call, count_out, family ? family->parallelism() : u32{1});
}

Attempt thread_sleep(HostCall& call, u64 nanoseconds) {
  const MonotonicTime now = Process::of(call).clock().now();
  if (!call.deadline) call.deadline = later(now, nanoseconds);
  if (*call.deadline <= now) return done(Errno::success);
  call.wait.until(*call.deadline);
  return Attempt::again();
}

Attempt thread_join(HostCall& call, u32 thread) {
  if (thread == Thread::of(call).id) return done(Errno::deadlk);
  Family* const family = Process::of(call).family();
  if (!family) return done(Errno::srch);
  // First what to wait for: the thread may end between the two.
  family->await_thread(thread, call.wait);
  return family->thread_runs(thread) ? Attempt::again() : done(Errno::success);
}

Attempt thread_exit(HostCall& call, u32 /*code*/) {
  Thread::of(call).exits = true;
  return Attempt::exit();
}

}  // namespace brink::wasi::calls
