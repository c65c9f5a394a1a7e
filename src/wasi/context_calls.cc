#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/thread_types.h"

/// setjmp and longjmp of programs that are asyncified.
namespace brink::wasi::calls {

Outcome<void> stack_checkpoint(HostCall& call, u32 snapshot_out, u32 value_out) {
  TRY_VOID(expect_room(call, snapshot_out, sizeof(GuestStackSnapshot)));
  TRY_VOID(expect_room(call, value_out, sizeof(u64)));
  const u64 id = ++Thread::of(call).saved_stacks;
  // Before the stack is saved: what lies below it may have to serve as a buffer.
  TRY_VOID(store(call, snapshot_out, GuestStackSnapshot{value_out, id, 0}));
  TRY_VOID(store(call, value_out, u64{0}));
  if (!call.caller || !call.caller->save_stack(id, snapshot_out)) return failed(Errno::notsup);
  return {};
}

Attempt stack_restore(HostCall& call, u32 snapshot, u64 value) {
  const auto saved = load<GuestStackSnapshot>(call, snapshot);
  if (saved && call.caller && store(call, static_cast<u32>(saved->user), value) &&
      call.caller->restore_stack(saved->hash_low)) {
    return Attempt::exit();
  }
  // The call must not return, and there is nowhere to go: what a longjmp to a frame
  // that has returned may come to.
  Process::of(call).set_exit({ProcessExit::Reason::signal, 6 /* ABRT */});
  return Attempt::exit();
}

}  // namespace brink::wasi::calls
