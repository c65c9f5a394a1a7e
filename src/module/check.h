#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "module/needs.h"
#include "module/reader.h"

namespace brink::module {

/// A function that the host offers. Letters as wasm::HostFunction has them:
/// i = i32, I = i64, f = f32, F = f64; no result is an empty string.
struct HostSignature {
  std::string_view module;
  std::string_view name;
  std::string_view parameters;
  std::string_view results;
};

/// Sorted by module, then name; not owned.
using HostSignatures = std::span<const HostSignature>;

struct RunLimits {
  ByteSize memory{128ULL << 20};  ///< per instance
};

/// Whether the host can run the module as a program, said before it is compiled:
/// every import is a function the host offers, with the same type, or the memory
/// env.memory, shared or not; `_start` is exported; a WASI program exports or
/// imports its "memory"; there is at most one memory, a 32-bit one, within the
/// limit; no legacy exceptions. needs.h says where it can run. The error
/// (module_invalid) is one line with the cause and one with the remedy. Foreign
/// names appear in it shortened and escaped. `host` must be sorted.
Result<void> check_runnable(const ModuleInfo& info, HostSignatures host, const RunLimits& limits);

/// Whether a program with these needs can run there: beside others only without
/// threads and without instructions that run for as long as they like. Errors as
/// above.
Result<void> check_executor(const ExecutionNeeds& needs, Executor where);

}  // namespace brink::module
