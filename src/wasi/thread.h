#pragma once

#include <cstdint>

#include "wasi/signals.h"
#include "wasm/host_call.h"

namespace brink::wasi {

/// One thread of a guest process, as its host calls see it. HostCall::thread points
/// to it. Used by its own thread.
struct Thread {
  /// `process` is not owned.
  explicit Thread(Process& process, std::uint32_t number = 1) : id(number), signals(process) {}

  /// What programs call the first thread when they signal it, whatever its number.
  static constexpr std::uint32_t kMain = 0x3fff'ffff;

  std::uint32_t id;  ///< of the first one: the process's number
  /// Set by thread_exit: the thread ends, and the process only with its last one.
  bool exits = false;
  Signals signals;
  std::uint64_t saved_stacks = 0;  ///< how many it has saved: what they are numbered by

  static Thread& of(const wasm::HostCall& call) { return *static_cast<Thread*>(call.thread); }
};

}  // namespace brink::wasi
