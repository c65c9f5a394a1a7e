#include "wasm/fork_guard.h"

#include <wasmtime.h>

#include <utility>

namespace brink::wasm {

ForkGuard::ForkGuard(const Engine& engine, const SharedMemory* memory)
    : locks_(wasmtime_fork_prepare(engine.raw(), memory == nullptr ? nullptr : memory->raw())) {}

void ForkGuard::parent() noexcept {
  if (auto* locks = std::exchange(locks_, nullptr)) wasmtime_fork_parent(locks);
}

void ForkGuard::child() noexcept {
  if (auto* locks = std::exchange(locks_, nullptr)) wasmtime_fork_child(locks);
}

}  // namespace brink::wasm
