#pragma once

#include <filesystem>

#include "base/units.h"

namespace brink::package {

/// The memory this process may use: the machine's, or less where a cgroup
/// (version 1 or 2) that the process is in, or one above it, has a limit. `root`
/// stands for "/" in tests. 1 GiB when nothing can be read.
ByteSize usable_memory(const std::filesystem::path& root = "/");

}  // namespace brink::package
