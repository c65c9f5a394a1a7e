#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/thread_types.h"

/// Futexes are the kernel's, on the words of the guest's memory. They pair up with
/// each other only, not with the instructions memory.atomic.wait and notify.
namespace brink::wasi::calls {
namespace {

// Where nobody else is who could wake the caller.
constexpr Duration kAlone = std::chrono::hours(1);

Outcome<u32*> word_at(const HostCall& call, u32 address) {
  if (address % sizeof(u32) != 0) return failed(Errno::inval);
  const auto bytes = call.memory.bytes(address, sizeof(u32));
  if (!bytes) return failed(Errno::fault);
  return reinterpret_cast<u32*>(bytes->data());
}

enum class Woken : std::uint8_t { no, yes };

/// Programs take it that a wait does not fail: they look at the word themselves.
Attempt tell(HostCall& call, u32 woken_out, Woken woken) {
  return done(store(call, woken_out, woken));
}

Outcome<void> wake(HostCall& call, u32 address, int most, u32 woken_out) {
  TRY(u32* const word, word_at(call, address));
  TRY_VOID(expect_room(call, woken_out, 1));
  // Who is woken wants a turn at once.
  if (call.turn) call.turn->release();
  const long count =
      ::syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, most, nullptr, nullptr, 0);
  return store(call, woken_out, static_cast<std::uint8_t>(count > 0));
}

}  // namespace

Attempt futex_wait(HostCall& call, u32 address, u32 expected, u32 timeout, u32 woken_out) {
  if (call.turn) call.turn->release();  // the word and the arguments are all that counts
  const auto word = word_at(call, address);
  if (!word) return done(word.error());
  if (const auto room = expect_room(call, woken_out, 1); !room) return done(room.error());
  Process& process = Process::of(call);
  if (call.attempt != 0) {
    // Woken, or by a signal, or for nothing: they all count as woken.
    const bool late = call.deadline && *call.deadline <= process.clock().now();
    return tell(call, woken_out, late ? Woken::no : Woken::yes);
  }
  const auto limit = load<GuestOptionTimestamp>(call, timeout);
  if (!limit) return done(limit.error());
  if (std::atomic_ref<u32>(**word).load() != expected) return tell(call, woken_out, Woken::yes);
  if (limit->tag != 0) {
    if (limit->nanoseconds == 0) return tell(call, woken_out, Woken::no);
    call.deadline = later(process.clock().now(), limit->nanoseconds);
    call.wait.until(*call.deadline);
  }
  if (process.family()) {
    call.wait.on_futex({*word, expected, wasm::WaitSet::Futex::Scope::process});
  } else if (!call.deadline) {
    call.wait.until(process.clock().now() + kAlone);
  }
  return Attempt::again();
}

Outcome<void> futex_wake(HostCall& call, u32 address, u32 woken_out) {
  return wake(call, address, 1, woken_out);
}

Outcome<void> futex_wake_all(HostCall& call, u32 address, u32 woken_out) {
  return wake(call, address, INT_MAX, woken_out);
}

}  // namespace brink::wasi::calls
