#pragma once

#include <span>

#include "wasm/host_call.h"

namespace brink::wasi {

/// All 46 calls of `wasi_snapshot_preview1`, for the engine's linker. HostCall::
/// host must point to the guest's Process. Lives as long as the program.
std::span<const wasm::HostFunction> preview1_functions();

}  // namespace brink::wasi
