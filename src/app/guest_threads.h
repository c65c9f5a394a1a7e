#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "wasi/family.h"
#include "wasi/process.h"
#include "wasm/guest.h"

namespace brink::app {

/// What becomes of a guest process once it has ended.
class ProcessEnd {
 public:
  virtual ~ProcessEnd() = default;
  /// Called once, by whichever thread ended the process, while others still run:
  /// tells the family and leaves with _exit. `trap` is none, or why it crashed.
  [[noreturn]] virtual void end(const wasi::ProcessExit& exit,
                                const wasm::TrapReport* trap) noexcept = 0;
};

/// What the threads of a guest process run, and within which bounds. Nothing is
/// owned, all of it outlives them.
struct ThreadSetup {
  const wasm::Program& program;
  wasi::Process& process;
  const Clock& clock;
  ProcessEnd& end;
  wasm::Guest::Limits limits{};
  /// What a new thread is entered by; empty: the program cannot start any.
  std::string thread_start{};
  std::uint32_t most_threads = 256;  ///< at once, with the first
};

/// The threads of one guest process: an OS thread, a store and an instance each.
/// The threads' part of wasi::Family is passed on to here.
class GuestThreads {
 public:
  explicit GuestThreads(const ThreadSetup& setup);
  ~GuestThreads();
  GuestThreads(const GuestThreads&) = delete;
  GuestThreads& operator=(const GuestThreads&) = delete;

  /// Runs the program on the calling thread, as its first. Returns only when it
  /// cannot be started: every end of the program goes to ProcessEnd.
  Result<void> run_main();

  /// Of wasi::Family, in the caller's turn.
  wasi::Outcome<std::uint32_t> start_thread(wasm::HostCall& call, std::uint32_t record);
  /// As wasi::Family says; signal 0 only wakes it.
  wasi::Outcome<void> signal_thread(std::uint32_t thread, std::uint32_t signal);
  [[nodiscard]] bool thread_runs(std::uint32_t thread) const noexcept;
  void await_thread(std::uint32_t thread, wasm::WaitSet& wait) noexcept;

  /// Marks a signal as pending for the process, and wakes who can take it.
  /// Async-signal-safe, from any thread.
  void raise(std::uint32_t signal) noexcept;
  /// Wakes all threads that wait, to look what is pending. Async-signal-safe.
  void wake() noexcept;

  /// In the child of a fork, on the only thread there is: forgets the others. The
  /// calling thread becomes the process's first, with the number `pid`.
  void after_fork_in_child(wasi::Thread& caller, std::uint32_t pid) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace brink::app
