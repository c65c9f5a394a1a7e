#include <algorithm>

#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {

Attempt random_get(HostCall& call, u32 address, u32 length) {
  const Process& process = Process::of(call);
  const auto bytes = call.memory.bytes(address, length);
  if (!bytes) return done(Errno::fault);
  const u64 size = std::min<u64>(length - std::min<u64>(call.progress, length),
                                 process.limits().per_attempt.bytes());
  if (size != 0) {
    const auto filled = process.random().fill(bytes->subspan(call.progress, size));
    if (!filled) return done(filled.error());
    call.progress += size;
  }
  if (call.progress >= length) return done(Errno::success);
  call.wait.yield();
  return Attempt::again();
}

}  // namespace brink::wasi::calls
