#pragma once

#include "ipc/channel.h"

namespace brink::app {

/// The head of a process family: makes what its processes share, forks the first
/// guest process and those that exec and spawn need, keeps the books of numbers,
/// parents and ends, passes signals on, and ends them all. Runs no code of a guest.
///
/// Returns the first guest process's exit status: its code, 128 + a signal's number,
/// 124 when the family reached its wall time, 70 when it could not be started.
int run_init(ipc::Channel channel);

}  // namespace brink::app
