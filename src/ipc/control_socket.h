#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/channel.h"

namespace brink::ipc {

/// Listens (SOCK_SEQPACKET, non-blocking, mode 0600) on a path in the run
/// directory. A socket file that nobody listens on any more is replaced; one that
/// answers is an error (address_in_use), as is a path too long for a socket.
Result<UniqueFd> listen_control(const std::string& path);

/// Accepts one connection; none if nobody waits.
Result<std::optional<Channel>> accept_control(int listener);

/// Connects to the node. Fails at once if nobody listens. Roles that drop their
/// privileges connect first: SO_PEERCRED holds who connected, not who sends.
Result<Channel> connect_control(const std::string& path);

}  // namespace brink::ipc
