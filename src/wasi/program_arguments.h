#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/errno.h"
#include "wasm/host_call.h"

namespace brink::wasi {

/// The most bytes of a program's arguments, and of its environment. More is 2BIG.
inline constexpr std::uint32_t kMostArgumentBytes = 128 << 10;
inline constexpr std::size_t kMostArguments = 4096;

/// "a\nb\n": entries with a newline behind each; the last one's may be missing.
Outcome<std::vector<std::string>> split_lines(std::string_view text);

/// The same in the guest's memory, copied out first.
Outcome<std::vector<std::string>> load_lines(const wasm::HostCall& call, std::uint32_t address,
                                             std::uint32_t length);

/// `count` pointers to strings that end with a NUL.
Outcome<std::vector<std::string>> load_strings(const wasm::HostCall& call, std::uint32_t address,
                                               std::uint32_t count);

}  // namespace brink::wasi
