#pragma once

#include "ipc/channel.h"

namespace brink::app {

/// The app role in its smallest form: one program without threads, run once with
/// the standard streams of this process, blocking where it waits. Takes its
/// configuration and descriptors from the node over the channel (a
/// worker::LaunchConfig: artefact, directories, scratch), locks itself down,
/// runs the program, and returns its exit code: 134 when it trapped, 124 when a limit
/// on its time ended it, 70 when it could not be started.
int run_app(ipc::Channel channel);

}  // namespace brink::app
