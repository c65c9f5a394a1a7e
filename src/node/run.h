#pragma once

#include "base/result.h"
#include "cli/run_options.h"

namespace brink::node {

/// `brink run`: prepares the program and serves it until SIGTERM or SIGINT (or
/// runs it once, in command mode). SIGHUP takes up what has changed in the files.
/// Prints what a user has to know on standard output, logs on standard error.
/// Returns the process's exit code, or why nothing was started.
Result<int> run(const cli::RunOptions& options);

}  // namespace brink::node
