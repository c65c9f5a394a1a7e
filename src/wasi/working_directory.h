#pragma once

#include <string>
#include <string_view>

#include "wasi/errno.h"
#include "wasi/process.h"

namespace brink::wasi {

/// Where a path leads that a working directory `from` is to be changed to: absolute,
/// normalised, without links. NOENT, NOTDIR, LOOP, NAMETOOLONG.
Outcome<std::string> find_directory(Process& process, std::string_view from, std::string_view path);

}  // namespace brink::wasi
