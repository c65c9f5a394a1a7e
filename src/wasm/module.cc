#include "wasm/module.h"

#include <wasmtime.h>

#include <utility>

#include "wasm/engine_error.h"

namespace brink::wasm {

Result<std::string> compile(const Engine& engine, std::span<const std::byte> wasm) {
  wasmtime_module_t* raw = nullptr;
  if (wasmtime_error_t* error = wasmtime_module_new(
          engine.raw(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &raw)) {
    return std::unexpected(take_error(ErrorCode::module_invalid, error));
  }
  const Handle<wasmtime_module, wasmtime_module_delete> module(raw);
  wasm_byte_vec_t bytes;
  if (wasmtime_error_t* error = wasmtime_module_serialize(module.get(), &bytes)) {
    return std::unexpected(take_error(ErrorCode::compile_failed, error));
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
