#include "wasm/module.h"

#include <wasmtime.h>

#include <utility>

#include "wasm/engine_error.h"

namespace brink::wasm {

Result<std::string> compile(const Engine& engine, std::span<const std::byte> wasm) {
  wasm_byte_vec_t bytes;
  if (wasmtime_error_t* error = wasmtime_engine_precompile_module(
          engine.raw(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &bytes)) {
    return std::unexpected(take_error(ErrorCode::module_invalid, error));
  }
  std::string artefact(bytes.data, bytes.size);
  wasm_byte_vec_delete(&bytes);
  return artefact;
}

Result<Module> Module::load(const Engine& engine, const std::string& path) {
  wasmtime_module_t* raw = nullptr;
  if (wasmtime_error_t* error =
          wasmtime_module_deserialize_file(engine.raw(), path.c_str(), &raw)) {
    return std::unexpected(
        take_error(ErrorCode::compile_failed, error).in("the compiled program cannot be loaded"));
  }
  return Module(ModuleHandle(raw));
}

}  // namespace brink::wasm
