#pragma once

#include <string_view>

#include "base/result.h"

namespace brink::package {

/// Checks that a path of a package's files names something inside of the package:
/// relative, and no more `..` than names before it. Links are another matter:
/// whoever opens the file resolves and compares. An error has a remedy.
Result<void> check_package_path(std::string_view path);

}  // namespace brink::package
