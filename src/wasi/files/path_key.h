#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brink::wasi::files {

/// A file name that stands for a guest path: `prefix` and 32 hexadecimal digits,
/// the 128-bit MurmurHash3 (x64 variant, seed 0) of `directory`, "/" and `name`.
/// Equal for equal paths; a guest that looks for a clash of two can only hide
/// files from itself.
std::string path_key(std::string_view prefix, std::string_view directory, std::string_view name);

/// 64 bits of the same hash of a name.
std::uint64_t name_hash(std::string_view name) noexcept;

}  // namespace brink::wasi::files
