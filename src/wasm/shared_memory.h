#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/guest_memory.h"
#include "wasm/handle.h"

struct wasmtime_sharedmemory;
extern "C" void wasmtime_sharedmemory_delete(wasmtime_sharedmemory*);

namespace brink::wasm {

/// The linear memory that all threads of one guest process import. It never moves
/// and never shrinks; only touched pages cost memory. Its maximum is what bounds
/// it: the limits of a Guest do not see shared memories.
class SharedMemory {
 public:
  /// Sizes in pages of 64 KiB. Fails with resource_exhausted when the address
  /// space cannot be reserved.
  static Result<SharedMemory> create(const Engine& engine, std::uint32_t minimum,
                                     std::uint32_t maximum);

  /// The memory as large as it is now. Safe from any thread.
  [[nodiscard]] GuestMemory view() const noexcept;
  [[nodiscard]] std::byte* base() const noexcept { return base_; }
  [[nodiscard]] wasmtime_sharedmemory* raw() const noexcept { return memory_.get(); }

 private:
  using MemoryHandle = Handle<wasmtime_sharedmemory, wasmtime_sharedmemory_delete>;
  SharedMemory(MemoryHandle memory, std::byte* base) : memory_(std::move(memory)), base_(base) {}
  MemoryHandle memory_;
  std::byte* base_;
};

}  // namespace brink::wasm
