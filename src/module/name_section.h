#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "module/edits.h"
#include "module/reader.h"

namespace brink::module {

/// The edit that appends names for functions `first`, `first` + 1 … to the name
/// section, so that backtraces show them; nothing if the module names no
/// functions, or names them in a way that cannot be extended (a name section is
/// never an error: core specification, appendix 7.4.1).
std::optional<Edit> append_function_names(std::span<const std::byte> bytes, const ModuleInfo& info,
                                          std::uint32_t first, std::span<const std::string> names);

}  // namespace brink::module
