#pragma once

#include "wasm/engine.h"
#include "wasm/shared_memory.h"

struct wasmtime_fork_guard;

namespace brink::wasm {

/// Keeps the engine usable in a child made by fork() while other guest threads run.
/// Only the thread that forks lives on in the child; a lock of the engine that
/// another one held would never be released there. The guard holds them all: the
/// memory's (growth), those of its waiters, of the engine's types and of the
/// process's code, in this order.
///
///   ForkGuard guard(engine, memory);
///   const pid_t pid = fork();
///   pid == 0 ? guard.child() : guard.parent();
///
/// Between construction and parent() or child() this thread must neither use the
/// engine nor run a guest. Two threads may fork at once: the second waits. Not
/// covered, and to be done before there are threads: making the engine, and the
/// first instance of each module. Locks of the host need guards of their own.
class ForkGuard {
 public:
  /// Waits until the locks are free: nothing that blocks is ever done under them.
  /// `memory` is the shared memory of the process's guest, or null. Both outlive
  /// the guard.
  ForkGuard(const Engine& engine, const SharedMemory* memory);
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  /// As parent(), unless one of the two was called.
  ~ForkGuard() { parent(); }

  /// Releases the locks in the process that forked, or could not.
  void parent() noexcept;

  /// Releases the locks in the child, and forgets the threads that waited in
  /// memory.atomic.wait: they do not exist there, and a notify must not count them.
  void child() noexcept;

 private:
  wasmtime_fork_guard* locks_;
};

}  // namespace brink::wasm
