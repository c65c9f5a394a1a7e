#include <cstdint>

#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {
namespace {

constexpr u32 kStkflt = 16;  // Linux's number, which preview1 leaves out
constexpr u32 kLastSignal = 31;

constexpr u64 bit(u32 signal) { return u64{1} << signal; }

/// Linux numbers whose default action does not end a program: CHLD, CONT, URG
/// and WINCH are ignored, STOP, TSTP, TTIN and TTOU stop it.
constexpr u64 kIgnored = bit(17) | bit(18) | bit(23) | bit(28);
constexpr u64 kStopping = bit(19) | bit(20) | bit(21) | bit(22);

/// The signal's number on Linux; 0 for one that does not exist.
u32 linux_number(u32 signal, AbiProfile::SignalNumbers numbers) {
  if (numbers == AbiProfile::SignalNumbers::preview1 && signal >= kStkflt) ++signal;
  return signal <= kLastSignal ? signal : 0;
}

}  // namespace

Attempt proc_exit(HostCall& call, u32 code) {
  Process::of(call).set_exit({ProcessExit::Reason::code, code});
  return Attempt::exit();
}

Attempt proc_raise(HostCall& call, u32 signal) {
  Process& process = Process::of(call);
  if (signal == 0) return done(Errno::success);  // as raise(0): a check only
  if (signal > kLastSignal) return done(Errno::inval);
  const u32 number = linux_number(signal, process.profile().signal_numbers);
  if (number == 0) return done(Errno::inval);
  if (bit(number) & kIgnored) return done(Errno::success);
  // Nobody could ever continue a stopped instance.
  if (bit(number) & kStopping) return done(Errno::nosys);
  process.set_exit({ProcessExit::Reason::signal, number});
  return Attempt::exit();
}

Attempt sched_yield(HostCall& call) {
  if (call.attempt != 0) return done(Errno::success);
  call.wait.yield();
  return Attempt::again();
}

}  // namespace brink::wasi::calls
