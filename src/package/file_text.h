#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace brink::package {

/// The whole content of a regular file of at most `most` bytes. Never blocks on
/// pipes or devices: they are refused. Errors: file_not_found, file_unreadable.
Result<std::string> read_file_text(const std::filesystem::path& path, std::size_t most);

}  // namespace brink::package
