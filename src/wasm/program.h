#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "wasm/host_call.h"
#include "wasm/module.h"
#include "wasm/shared_memory.h"

struct wasmtime_instance_pre;
extern "C" void wasmtime_instance_pre_delete(wasmtime_instance_pre*);

namespace brink::wasm {

/// A module with its imports resolved, ready to be instantiated any number of
/// times. Immutable; the engine must outlive it.
class Program {
 public:
  /// Whether instantiating runs code of the program (a start section).
  enum class Start : std::uint8_t { none, runs_code };

  /// `functions` must stay where they are for as long as the Program lives, and so
  /// must `memory`, which becomes `env.memory` (null: the module has its own).
  /// Fails with ErrorCode::module_invalid, naming the import that is missing.
  static Result<Program> link(const Engine& engine, Module module,
                              std::span<const HostFunction> functions, Start start,
                              const SharedMemory* memory = nullptr);

  [[nodiscard]] const Engine& engine() const noexcept { return *engine_; }
  [[nodiscard]] wasmtime_instance_pre* raw() const noexcept { return instance_pre_.get(); }
  [[nodiscard]] Start start() const noexcept { return start_; }
  /// Null when every instance has a memory of its own.
  [[nodiscard]] const SharedMemory* shared_memory() const noexcept { return memory_; }

 private:
  using PreHandle = Handle<wasmtime_instance_pre, wasmtime_instance_pre_delete>;
  Program(const Engine& engine, Module module, PreHandle pre, Start start,
          const SharedMemory* memory)
      : engine_(&engine),
        module_(std::move(module)),
        instance_pre_(std::move(pre)),
        start_(start),
        memory_(memory) {}

  const Engine* engine_;
  Module module_;
  PreHandle instance_pre_;
  Start start_;
  const SharedMemory* memory_;
};

}  // namespace brink::wasm
