#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wasi/errno.h"
#include "wasi/process.h"
#include "wasm/host_call.h"

namespace brink::wasi {

/// Shorthands that the bodies of the calls share. TRY works on Outcome as well as
/// on Result: `TRY(auto x, f())` returns f()'s error number.

inline wasm::Attempt done(Errno error) {
  return wasm::Attempt::done(static_cast<std::uint32_t>(error));
}

inline wasm::Attempt done(const Outcome<void>& outcome) {
  return done(outcome ? Errno::success : outcome.error());
}

inline std::unexpected<Errno> failed(Errno error) { return std::unexpected(error); }

/// Stores `value` at a guest address; FAULT for a wild one.
template <class T>
Outcome<void> store(const wasm::HostCall& call, std::uint32_t address, const T& value) {
  if (!call.memory.store(address, value)) return failed(Errno::fault);
  return {};
}

/// `base` + `nanoseconds`, or the end of time.
inline MonotonicTime later(MonotonicTime base, std::uint64_t nanoseconds) {
  const auto room = static_cast<std::uint64_t>(Duration::max().count() - base.since_boot.count());
  return base + Duration(static_cast<std::int64_t>(std::min(nanoseconds, room)));
}

/// Loads a value from a guest address; FAULT for a wild one.
template <class T>
Outcome<T> load(const wasm::HostCall& call, std::uint32_t address) {
  const auto value = call.memory.load<T>(address);
  if (!value) return failed(Errno::fault);
  return *value;
}

/// FAULT unless all of `length` bytes at `address` exist: for results that must
/// find their place once the call has had its effect.
Outcome<void> expect_room(const wasm::HostCall& call, std::uint32_t address, std::uint64_t length);

/// A copy of the guest's string. NAMETOOLONG beyond `limit` bytes.
Outcome<std::string> copy_string(const wasm::HostCall& call, std::uint32_t address,
                                 std::uint32_t length, std::uint32_t limit);

/// The open descriptor `fd` if it has all of `needed`: else BADF or NOTCAPABLE.
/// Valid until the table is changed.
Outcome<Descriptor*> lookup(Process& process, std::uint32_t fd, Rights needed);

/// The attempt of a call that does a long job in steps: EAGAIN from below means that
/// another attempt goes on where this one ended. The program's others come first.
inline wasm::Attempt done_or_next_step(wasm::HostCall& call, const Outcome<void>& outcome) {
  if (outcome || outcome.error() != Errno::again) return done(outcome);
  call.wait.yield();
  return wasm::Attempt::again();
}

/// Turns a call that never waits, `Outcome<void> Function(HostCall&, …)`, into
/// the attempt that the engine's linker takes.
template <auto Function>
struct Immediate;

template <class... Args, Outcome<void> (*Function)(wasm::HostCall&, Args...)>
struct Immediate<Function> {
  static wasm::Attempt attempt(wasm::HostCall& call, Args... args) {
    return done(Function(call, args...));
  }
};

}  // namespace brink::wasi
