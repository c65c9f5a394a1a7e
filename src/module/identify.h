#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace brink::module {

/// Nothing if the file starts as a core module does (magic and version 1), else
/// a module_invalid error that says what the file is instead, as far as its
/// first bytes tell, and what to do.
Result<void> check_is_module(std::span<const std::byte> bytes);

}  // namespace brink::module
