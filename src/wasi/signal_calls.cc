#include <algorithm>
#include <cstdint>
#include <vector>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/thread_types.h"

namespace brink::wasi::calls {
namespace {

constexpr u32 kStkflt = 16;  // Linux's number, which preview1 leaves out
constexpr u32 kLastStandard = 30;
// Longer than any name that a linker makes for it.
constexpr u32 kMostHandlerName = 256;
constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kSecond = 1'000'000'000;

/// The signal's number on Linux, which 0 is allowed besides: a check only.
Outcome<u32> linux_number(const HostCall& call, u32 number) {
  if (Process::of(call).profile().signal_numbers == AbiProfile::SignalNumbers::preview1) {
    if (number > kLastStandard) return failed(Errno::inval);
    return number >= kStkflt ? number + 1 : number;
  }
  if (number > signal::last) return failed(Errno::inval);
  return number;
}

/// To the calling thread: it is handled before the call returns.
Outcome<void> raise_here(HostCall& call, u32 number) {
  if (number != 0) Thread::of(call).signals.raise(number);
  return {};
}

/// To the process: the caller, or another thread while the caller blocks signals.
Outcome<void> raise_in_process(HostCall& call, u32 number) {
  if (!Thread::of(call).signals.blocked() || number == 0) return raise_here(call, number);
  Process& process = Process::of(call);
  process.signals().raise(number);
  if (process.family()) (void)process.family()->signal_thread(Thread::kMain, 0);
  return {};
}

/// Nobody can be told that a timer was set for it, but for the first thread.
void let_first_thread_see_timers(const HostCall& call) {
  Family* const family = Process::of(call).family();
  if (family) (void)family->signal_thread(Thread::kMain, 0);
}

Duration limited(u64 nanoseconds) {
  return Duration(static_cast<std::int64_t>(std::min<u64>(nanoseconds, INT64_MAX)));
}

Outcome<Duration> duration_of(const GuestTimeval& time) {
  if (time.seconds < 0 || time.microseconds >= 1'000'000) {
    return failed(Errno::inval);
  }
  if (time.seconds >= INT64_MAX / kSecond) return Duration::max();
  return Duration(time.seconds * kSecond + time.microseconds * kMicrosecond);
}

GuestTimeval timeval_of(Duration duration) {
  const std::int64_t rest = duration.count() % kSecond;
  return {duration.count() / kSecond, static_cast<u32>(rest / kMicrosecond), 0};
}

}  // namespace

Outcome<void> callback_signal(HostCall& call, u32 name, u32 length) {
  TRY(std::string handler, copy_string(call, name, length, kMostHandlerName));
  if (call.caller) Thread::of(call).signals.set_handler(std::move(handler), *call.caller);
  return {};
}

Outcome<void> proc_signals_sizes_get(HostCall& call, u32 count_out) {
  return store(call, count_out,
               static_cast<u32>(Process::of(call).signals().dispositions().size()));
}

Outcome<void> proc_signals_get(HostCall& call, u32 dispositions_out) {
  std::vector<GuestSignalDisposition> all;
  for (const SignalDisposition& one : Process::of(call).signals().dispositions()) {
    all.push_back({one.signal, static_cast<std::uint8_t>(one.action)});
  }
  const auto bytes = std::as_bytes(std::span(all));
  const auto room = call.memory.bytes(dispositions_out, bytes.size());
  if (!room) return failed(Errno::fault);
  std::ranges::copy(bytes, room->begin());
  return {};
}

Outcome<void> proc_raise(HostCall& call, u32 number) {
  TRY(const u32 raised, linux_number(call, number));
  // The standard has no handlers, and nobody could ever continue a stopped instance.
  if (raised != 0 && default_action(raised) == DefaultAction::stops &&
      Process::of(call).profile().signal_numbers == AbiProfile::SignalNumbers::preview1) {
    return failed(Errno::nosys);
  }
  return raise_in_process(call, raised);
}

Outcome<void> proc_signal(HostCall& call, u32 pid, u32 number) {
  TRY(const u32 raised, linux_number(call, number));
  Family* const family = Process::of(call).family();
  if (pid == Process::of(call).pid()) return raise_in_process(call, raised);
  if (!family) return failed(Errno::srch);
  return family->kill(pid, raised);
}

Outcome<void> thread_signal(HostCall& call, u32 thread, u32 number) {
  TRY(const u32 raised, linux_number(call, number));
  Process& process = Process::of(call);
  const Thread& own = Thread::of(call);
  // The first thread has the process's number, in the child of a fork as well.
  const bool is_main = own.id == (process.family() ? process.family()->pid() : 1);
  if (thread == own.id || (thread == Thread::kMain && is_main)) return raise_here(call, raised);
  if (!process.family()) return failed(Errno::srch);
  return process.family()->signal_thread(thread, raised);
}

Outcome<void> proc_raise_interval(HostCall& call, u32 number, u64 interval, u32 repeat) {
  TRY(const u32 raised, linux_number(call, number));
  if (raised == 0) return failed(Errno::inval);
  const Duration time = limited(interval);
  Process::of(call).signals().set_timer(raised, {time, repeat != 0 ? time : Duration(0)});
  let_first_thread_see_timers(call);
  return {};
}

Outcome<void> proc_raise_interval2(HostCall& call, u32 number, u32 setting, u32 before_out) {
  TRY(const u32 raised, linux_number(call, number));
  if (raised == 0) return failed(Errno::inval);
  TRY(const auto copy, load<GuestItimerval>(call, setting));
  TRY(const Duration left, duration_of(copy.value));
  TRY(const Duration interval, duration_of(copy.interval));
  if (before_out != 0) TRY_VOID(expect_room(call, before_out, sizeof(GuestItimerval)));
  const auto before = Process::of(call).signals().set_timer(raised, {left, interval});
  let_first_thread_see_timers(call);
  if (before_out == 0) return {};
  return store(call, before_out,
               GuestItimerval{timeval_of(before.interval), timeval_of(before.left)});
}

}  // namespace brink::wasi::calls
