#pragma once

#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/privileges.h"

namespace brink::worker {

/// The word in argv[1] of a disk helper; user and group ids follow.
inline constexpr std::string_view kDiskHelperArgument = "--helper=disk";

/// Starts the process that waits for disks in place of this worker, as `identity`;
/// before the worker locks itself down. It ends when the returned socket is closed.
/// The helper can do nothing but read and sync the descriptors it is sent.
Result<UniqueFd> start_disk_helper(const sandbox::Identity& identity);

/// The helper's main function: locks itself down and does one job after the other.
/// The socket is descriptor 3. Returns its exit code.
int run_disk_helper(const sandbox::Identity& identity);

/// Does jobs that come over `socket` until it is closed. Blocks.
void do_disk_jobs(int socket);

}  // namespace brink::worker
