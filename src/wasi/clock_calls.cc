#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/clock_id.h"

namespace brink::wasi::calls {
namespace {

Outcome<Duration> read_clock(const Process& process, u32 clock) {
  switch (static_cast<ClockId>(clock)) {
    case ClockId::realtime:
      return process.wall();
    case ClockId::monotonic:
      return process.clock().now().since_boot;
    case ClockId::process_cpu:
      return process.time().process_cpu();
    case ClockId::thread_cpu:
      return process.time().thread_cpu();
  }
  return failed(Errno::inval);
}

}  // namespace

Outcome<void> clock_time_get(HostCall& call, u32 clock, u64 /*precision*/, u32 time_out) {
  TRY(const Duration time, read_clock(Process::of(call), clock));
  return store(call, time_out, static_cast<u64>(time.count()));
}

Outcome<void> clock_res_get(HostCall& call, u32 clock, u32 resolution_out) {
  if (clock > static_cast<u32>(ClockId::thread_cpu)) return failed(Errno::inval);
  // All of these clocks count nanoseconds.
  return store(call, resolution_out, u64{1});
}

Outcome<void> clock_time_set(HostCall& call, u32 clock, u64 time) {
  if (static_cast<ClockId>(clock) != ClockId::realtime || time > INT64_MAX) {
    return failed(Errno::inval);
  }
  Process::of(call).set_wall(Duration(static_cast<std::int64_t>(time)));
  return {};
}

}  // namespace brink::wasi::calls
