#pragma once

#include "base/result.h"
#include "node/prepared_app.h"

namespace brink::node {

/// Runs a program once in a process of its own, with this process's standard
/// streams (in the foreground, if they are a terminal), and waits for its end.
/// Returns its exit code, 128 + the signal's number if a signal ended it.
Result<int> run_once(const PreparedApp& app);

}  // namespace brink::node
