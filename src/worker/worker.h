#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/channel.h"
#include "worker/worker_config.h"

namespace brink::worker {

/// The worker role: takes its configuration and descriptors from the node over
/// the channel, locks itself down, serves until it is told to drain or the node
/// is gone, and returns the process's exit code. Single-threaded from its first
/// line to its last.
int run_worker(ipc::Channel channel);

}  // namespace brink::worker
