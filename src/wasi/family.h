#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wasi/errno.h"
#include "wasm/host_call.h"

namespace brink::wasi {

/// How a guest process ended.
struct ProcessExit {
  enum class Reason : std::uint8_t { code, signal } reason;
  std::uint32_t value;  ///< the exit code, or the signal's number (Linux's)

  /// What a shell shows: the code's low 8 bits, or 128 + the signal.
  [[nodiscard]] std::uint32_t status() const {
    return reason == Reason::code ? value & 0xff : 128 + value;
  }
};

/// What a guest does with one signal.
struct SignalDisposition {
  std::uint8_t signal;  ///< Linux's number
  enum class Action : std::uint8_t { standard = 0, ignore = 1 } action;
};

class DescriptorTable;

/// A program that a guest wants run, as exec and spawn have it. The guest's
/// descriptors go with it, without those that close on exec.
struct ProgramRequest {
  std::string name;  ///< a path in the guest's files, or a command of its package
  /// Directories to look in for a name without a slash, as in the variable PATH;
  /// none: it is not searched for.
  std::optional<std::string> path;
  std::vector<std::string> arguments;
  std::optional<std::vector<std::string>> environment;  ///< "NAME=value"; none: as the caller's
  std::vector<SignalDisposition> dispositions;
  std::optional<std::uint32_t> pid;  ///< one that reserve_child() gave
  /// Instead of the caller's. Not owned.
  const DescriptorTable* descriptors = nullptr;
  std::optional<std::string> working_directory;
};

/// A child that has ended.
struct EndedChild {
  std::uint32_t pid;
  ProcessExit exit;
};

/// A guest process among others, and its threads: what the app role adds to a
/// Process. In a worker there is none: a guest that needs it is moved to a process
/// family of its own.
///
/// Called in the caller's turn (wasm::CallLock). Nothing here blocks but for the
/// work itself; what takes longer names what is awaited. Numbers of processes and
/// threads are the guest's, from 1 on.
class Family {
 public:
  virtual ~Family() = default;

  [[nodiscard]] virtual std::uint32_t pid() const noexcept = 0;
  /// 0 for the first process.
  [[nodiscard]] virtual std::uint32_t parent() const noexcept = 0;

  /// fork(2): the child's number in the parent, 0 in the child, which has the
  /// calling thread only. AGAIN at the limit of processes.
  virtual Outcome<std::uint32_t> fork(wasm::HostCall& call) = 0;

  /// Starts a program as a child. NOENT, NOEXEC, AGAIN.
  virtual Outcome<std::uint32_t> spawn(const ProgramRequest& request) = 0;

  /// Replaces the caller's process; returns on failure only, or once the caller
  /// has nothing more to do than end without a status.
  virtual Outcome<void> replace(const ProgramRequest& request) = 0;

  /// A number for a child that does not exist yet: a vfork without a process. It
  /// becomes one by spawn(), or ends by end_reserved().
  virtual Outcome<std::uint32_t> reserve_child() = 0;
  virtual void end_reserved(std::uint32_t pid, ProcessExit exit) = 0;

  /// Takes note of a child's end, of any (none) or of a certain one: empty when
  /// there is such a child and it runs. CHILD when there is none.
  virtual Outcome<std::optional<EndedChild>> reap(std::optional<std::uint32_t> pid) = 0;
  /// Adds what happens when a child ends to `wait`; call it before reap().
  virtual void await_child(wasm::WaitSet& wait) noexcept = 0;

  /// kill(2): to a process, or to all of the family (0). SRCH when there is none.
  virtual Outcome<void> kill(std::uint32_t pid, std::uint32_t signal) = 0;

  /// Starts a thread with the record that its export gets; its number. AGAIN at the
  /// limit of threads, NOTSUP when the module has no such export.
  virtual Outcome<std::uint32_t> start_thread(wasm::HostCall& call, std::uint32_t record) = 0;
  /// Whether a thread of this process runs, and what happens when it ends.
  [[nodiscard]] virtual bool thread_runs(std::uint32_t thread) const noexcept = 0;
  virtual void await_thread(std::uint32_t thread, wasm::WaitSet& wait) noexcept = 0;
  /// Marks a signal as pending for a thread of this process, Thread::kMain for the
  /// first, and wakes it; 0: only wakes it. SRCH.
  virtual Outcome<void> signal_thread(std::uint32_t thread, std::uint32_t signal) = 0;

  /// How many processors the family may use.
  [[nodiscard]] virtual std::uint32_t parallelism() const noexcept = 0;
};

}  // namespace brink::wasi
