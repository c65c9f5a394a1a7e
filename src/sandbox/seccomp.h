#pragma once

#include <cstdint>

#include "base/result.h"

namespace brink::sandbox {

/// Whose system calls are filtered; see docs/security.md for the whole table.
enum class FilterRole : std::uint8_t {
  /// Everything but a list of refusals: no new program, process, thread or
  /// namespace, no debugging, no signals to others, no new sockets but pairs.
  worker,
  /// Nothing but a short list: memory, its own open descriptors, time, exit. No
  /// file is opened, no socket made, no executable page mapped.
  compiler,
  /// Hardly anything: reading and syncing descriptors that it is sent, ending.
  disk,
  /// As worker, but with threads, fork and wait; no executable page is mapped any
  /// more, so apply it after the modules have been loaded.
  app,
};

/// Whether the process may make Internet sockets and connect them. (Where to, the
/// host code checks.) AF_UNIX and all other families stay refused in a worker.
enum class Outbound : std::uint8_t { refused, allowed };

/// Whether the process may still map native code: a worker that loads no more
/// modules need not. (Compilers and apps never may.)
enum class NativeCode : std::uint8_t { loads, sealed };

struct FilterOptions {
  FilterRole role = FilterRole::worker;
  Outbound outbound = Outbound::refused;
  NativeCode native_code = NativeCode::loads;  ///< of a worker
};

/// Puts the calling thread, and all that come from it, under the filter, for good.
/// Sets no_new_privs. Call with a single thread, last of all locks.
///
/// What no code of ours or of a library ever calls (execve, ptrace, mount, bpf …) kills
/// the process with SIGSYS; what libraries try and can do without (socket,
/// fork, setpriority …) gets EPERM; clone3, whose arguments a filter can't read, and
/// calls newer than the filter get ENOSYS, for which the C library has a fallback.
/// Calls in another ABI (i386, x32) kill.
Result<void> apply_seccomp(const FilterOptions& options);

}  // namespace brink::sandbox
