#pragma once

#include <cstdint>
#include <string_view>

#include "module/reader.h"

namespace brink::module {

/// Which rules the host calls follow where the ABIs differ.
enum class Dialect : std::uint8_t {
  preview1,  ///< wasi_snapshot_preview1 only, or no WASI at all
  unstable,  ///< wasi_unstable (2019): other layouts and relative paths
  wasix,     ///< anything from wasix_32v1 or wasi, or a shared memory imported
};

/// One module has one dialect: a WASIX program also imports preview1 names and
/// means the WASIX behaviour by them.
Dialect dialect_of(const ModuleInfo& info);

std::string_view name_of(Dialect dialect);

/// Whether it imports anything from a WASI namespace.
bool uses_wasi(const ModuleInfo& info);

}  // namespace brink::module
