#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace brink::cli {

/// Ends of a process that did not do what was asked.
inline constexpr int kMachineRefuses = 1;  ///< the same may work elsewhere, or later
inline constexpr int kInputWrong = 2;      ///< options, configuration, module, paths

/// Which of the two an error is.
int exit_code(ErrorCode code) noexcept;

/// The error for a terminal: "error: " and `context` in front of every line of its
/// message, so that each stands for itself; only configuration's errors have several.
/// Control characters, which may come from a file's name, become '?'. Ends with a
/// line end.
std::string error_lines(const Error& error, std::string_view context = {});

}  // namespace brink::cli
