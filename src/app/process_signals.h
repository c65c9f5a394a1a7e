#pragma once

#include "app/guest_threads.h"

namespace brink::app {

/// From now on, signals to this process that ask a program to do something (INT,
/// QUIT, TERM, HUP, USR1, WINCH, CONT) are its own. `threads` stays until the
/// process ends. One process runs one program.
void pass_on_signals(GuestThreads& threads);

}  // namespace brink::app
