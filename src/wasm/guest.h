#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "wasm/engine_error.h"
#include "wasm/host_call.h"
#include "wasm/interrupts.h"
#include "wasm/program.h"

struct wasmtime_caller;

namespace brink::wasm {

/// Blocks the calling thread for a guest that runs outside of a worker.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Returns when something of `waits` has happened; false ends the guest.
  virtual bool wait(const WaitSet& waits) noexcept = 0;
};

/// Decides on every growth of a guest's memory, beyond its own limit: memory is
/// bounded in sum as well.
class MemoryGate {
 public:
  enum class Growth : std::uint8_t { deny, allow, wait };

  virtual ~MemoryGate() = default;
  /// May the guest's memory go from `current` to `desired` bytes? After `wait` the
  /// guest is suspended (State::waiting, with nothing in waits()) and this is
  /// asked again when it is resumed.
  virtual Growth may_grow(std::uint64_t current, std::uint64_t desired) noexcept = 0;
};

/// How a guest came to its end.
struct Ended {
  enum class How : std::uint8_t {
    returned,  ///< `_start` returned
    exited,    ///< it called proc_exit; its host data holds the code
    trapped,   ///< `trap` says why
    killed,    ///< stopped by its host while it was suspended
  };
  How how = How::returned;
  TrapReport trap;
};

/// The memory of an instance that has ended, on its way back to the kernel. Giving
/// back 64 MiB takes some 6 ms in one piece: too long for a worker's one thread.
class Remains {
 public:
  struct Impl;
  explicit Remains(std::unique_ptr<Impl> impl);
  Remains(Remains&&) noexcept;
  Remains& operator=(Remains&&) noexcept;
  ~Remains();  ///< gives back the rest at once

  /// Gives back at most `most`; true when all is gone and the slot is free.
  bool clear_some(ByteSize most);

 private:
  std::unique_ptr<Impl> impl_;
};

/// What a guest's host calls work on. Nothing is owned; all outlives the instance.
struct Surroundings {
  void* host = nullptr;              ///< HostCall::host
  void* thread = nullptr;            ///< HostCall::thread
  Interrupts* interrupts = nullptr;  ///< none: the guest gets no signals
  CallLock* lock = nullptr;          ///< none: no other thread shares `host`
};

/// Where a guest begins: an exported function that takes so many i32.
struct Entry {
  std::string_view name = "_start";
  std::span<const std::uint32_t> arguments;
  std::uint32_t stack_floor = 0;  ///< the lowest address of its stack, if that is known
};

/// One instance of a program: created, run and dropped; then the object can be
/// used for the next. Not movable (the engine holds its address) and bound to
/// one thread.
///
/// In a worker a guest runs on a fiber: resume() returns when it has ended,
/// waits for what waits() names, or has used up its time slice. In a process of
/// its own run() blocks in a Waiter instead. The host calls are the same.
class Guest {
 public:
  enum class State : std::uint8_t {
    idle,      ///< nothing instantiated
    runnable,  ///< wants to go on at once: just created, or out of its slice
    waiting,   ///< host call pending: see waits()
    ended,     ///< see ended(); what is left of the instance goes with stop()
  };

  struct Limits {
    ByteSize memory = ByteSize(128ULL << 20);
    /// Not owned, outlives the instance; none: only `memory` counts.
    MemoryGate* gate = nullptr;
  };

  Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest();

  /// Creates a brand-new instance, to run `_start`. Fails with guest_trap when
  /// start-up code of the program traps, resource_exhausted when no slot is free.
  Result<void> start(const Program& program, const Surroundings& surroundings,
                     const Limits& limits);

  /// Runs the guest until it waits, yields or ends. State must be runnable or
  /// waiting.
  State resume();

  /// Creates an instance and runs it to its end on this thread. Several threads of
  /// one guest are several of these, of one Program with a shared memory.
  Result<void> run(const Program& program, const Surroundings& surroundings, const Limits& limits,
                   Waiter& waiter, const Entry& entry = {});

  /// Drops the instance, wherever it is. The guest's frames are unwound; no
  /// code of the program runs any more.
  void stop();

  /// As stop(), but hands over memory of more than `large`, to be given back piece
  /// by piece; less goes at once.
  std::optional<Remains> stop_and_leave(ByteSize large);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const WaitSet& waits() const noexcept { return waits_; }
  [[nodiscard]] const Ended& ended() const noexcept { return ended_; }

  /// Bytes of linear memory right now; 0 without an instance.
  [[nodiscard]] std::uint64_t memory_size() const;

  /// For the linker's trampoline only: runs one host call to its end and
  /// returns a trap (wasm_trap_t*) or nothing. `slots` holds the arguments and
  /// receives the result.
  void* host_call(const HostFunction& function, wasmtime_caller* caller, void* slots) noexcept;

 private:
  struct Impl;  // the engine's handles, so that its headers stay in this folder

  Result<void> open_store(const Program& program, const Surroundings& surroundings,
                          const Limits& limits);
  Result<void> find_exports(const Entry& entry);
  void install_gate();
  void begin_call();
  State finish();
  bool goes_on();
  void halt();
  bool pause(wasmtime_caller* caller) noexcept;
  Interrupts::Delivery deliver(Caller& caller) noexcept;
  void* end_call(Interrupts::Delivery how) noexcept;

  std::unique_ptr<Impl> impl_;
  WaitSet waits_;
  Ended ended_;
  State state_ = State::idle;
};

}  // namespace brink::wasm
