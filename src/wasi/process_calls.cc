#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {
Attempt proc_exit(HostCall& call, u32 code) {
  Process::of(call).set_exit({ProcessExit::Reason::code, code});
  return Attempt::exit();
}

Attempt sched_yield(HostCall& call) {
  if (call.attempt != 0) return done(Errno::success);
  call.wait.yield();
  return Attempt::again();
}

}  // namespace brink::wasi::calls
