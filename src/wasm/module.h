#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/handle.h"

struct wasmtime_module;
extern "C" void wasmtime_module_delete(wasmtime_module*);

namespace brink::wasm {

/// Compiles a wasm module to an artefact: native code for this machine that
/// Module::load takes. Runs for seconds on large modules and trusts its input
/// with neither time nor memory: call it in the compiler process only.
/// Fails with ErrorCode::module_invalid when the module does not validate.
Result<std::string> compile(const Engine& engine, std::span<const std::byte> wasm);

/// A compiled module, loaded. Immutable; copies share.
class Module {
 public:
  /// Maps an artefact file. The file's bytes are executed: they must come from
  /// our own, authenticated cache. Fails with ErrorCode::compile_failed when
  /// the artefact was made by another engine version or for another machine.
  static Result<Module> load(const Engine& engine, const std::string& path);

  [[nodiscard]] wasmtime_module* raw() const noexcept { return module_.get(); }

 private:
  using ModuleHandle = Handle<wasmtime_module, wasmtime_module_delete>;
  explicit Module(ModuleHandle module) : module_(std::move(module)) {}
  ModuleHandle module_;
};

}  // namespace brink::wasm
