#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/reader.h"

namespace brink::module {

/// Where a program can run.
enum class Executor : std::uint8_t {
  worker,  ///< beside others, on a fiber; its memory made its own (MemoryOwner::instance)
  family,  ///< in processes of its own
};

enum class Threading : std::uint8_t {
  unthreaded,
  threaded,  ///< imports a shared memory, and can start threads on it
};

/// What a program needs of whoever runs it, as far as its file says.
struct ExecutionNeeds {
  Threading threading = Threading::unthreaded;

  /// Of threaded programs: the type of the memory that all its instances import as
  /// env.memory. The host makes it with this minimum, which is where the program's
  /// heap begins, and with this maximum or any smaller one: so a limit needs no
  /// rewriting.
  std::optional<MemoryType> shared_memory;

  /// What a new thread's instance is called by: "wasi_thread_start" or
  /// "_start_thread"; empty if the program exports neither.
  std::string_view thread_start;

  /// Offset of the first instruction on arrays of the garbage collector that can
  /// run for long and cannot be split: a worker's other guests would wait for it.
  std::optional<std::size_t> array_operation;

  /// Whether signals can be delivered: it exports __wasm_signal.
  bool takes_signals = false;

  /// Whether its stack can be saved and restored: it exports asyncify's functions.
  bool asyncified = false;

  /// The calls it imports that start, copy or replace a process, in the order of
  /// its imports. Most programs that import them never call them.
  std::vector<std::string> process_calls;

  [[nodiscard]] Executor executor() const {
    return threading == Threading::threaded || array_operation ? Executor::family
                                                               : Executor::worker;
  }
};

ExecutionNeeds needs_of(const ModuleInfo& info);

}  // namespace brink::module
