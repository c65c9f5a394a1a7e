#include "wasm/shared_memory.h"

#include <wasmtime.h>

#include "wasm/engine_error.h"

namespace brink::wasm {

Result<SharedMemory> SharedMemory::create(const Engine& engine, std::uint32_t minimum,
                                          std::uint32_t maximum) {
  constexpr std::uint8_t kPageSizeLog2 = 16;
  wasm_memorytype_t* type = nullptr;
  if (wasmtime_error_t* error =
          wasmtime_memorytype_new(minimum, true, maximum, false, true, kPageSizeLog2, &type)) {
    return std::unexpected(take_error(ErrorCode::module_invalid, error));
  }
  const Handle<wasm_memorytype_t, wasm_memorytype_delete> owned(type);
  wasmtime_sharedmemory_t* memory = nullptr;
  if (wasmtime_error_t* error = wasmtime_sharedmemory_new(engine.raw(), type, &memory)) {
    return std::unexpected(take_error(ErrorCode::resource_exhausted, error));
  }
  auto* base = reinterpret_cast<std::byte*>(wasmtime_sharedmemory_data(memory));
  return SharedMemory(MemoryHandle(memory), base);
}

GuestMemory SharedMemory::view() const noexcept {
  return GuestMemory({base_, wasmtime_sharedmemory_data_size(memory_.get())});
}

}  // namespace brink::wasm
