#pragma once

#include <cstdint>

#include "wasm/host_call.h"

namespace brink::wasi {

/// One thread of a guest process, as its host calls see it. HostCall::thread points
/// to it. Used by its own thread.
struct Thread {
  std::uint32_t id = 1;  ///< of the first one: the process's number
  /// Set by thread_exit: the thread ends, and the process only with its last one.
  bool exits = false;

  static Thread& of(const wasm::HostCall& call) { return *static_cast<Thread*>(call.thread); }
};

}  // namespace brink::wasi
