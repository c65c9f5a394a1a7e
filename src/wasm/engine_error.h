#pragma once

#include <string>

#include "base/error.h"

struct wasmtime_error;
struct wasm_trap_t;

namespace brink::wasm {

/// Takes an engine error apart and deletes it: its message becomes the Error's.
Error take_error(ErrorCode code, wasmtime_error* error);

/// Why a guest's code stopped, in words for a log and an error page.
struct TrapReport {
  std::string name;       ///< "out of bounds memory access", "unreachable", …
  std::string backtrace;  ///< one line per wasm frame, innermost first; may be empty
  enum class Kind : std::uint8_t { program, stack_overflow, cancelled } kind = Kind::program;
};

/// Describes and deletes a trap, or an error that a call ended with.
TrapReport take_trap(wasm_trap_t* trap, wasmtime_error* error);

}  // namespace brink::wasm
