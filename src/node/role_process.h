#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "ipc/channel.h"
#include "sandbox/process.h"

namespace brink::node {

/// A child of ours in one of the roles, and the channel to it.
struct RoleProcess {
  sandbox::Child child;
  ipc::Channel channel;
};

/// The word in a child's argv[1] by which main() knows its role: "--role=worker".
std::string role_argument(ipc::Role role);

/// Starts this program again in a role and checks its greeting. The child gets
/// standard input, output and error, the channel as descriptor 3, and an
/// environment of nothing but its boot token. Any but a worker dies with the thread
/// that started it. Blocks for some milliseconds.
Result<RoleProcess> start_role(ipc::Role role, std::uint32_t slot);

/// The child's side: takes the token and the channel, and greets.
Result<ipc::Channel> join_node(ipc::Role role, std::uint32_t slot);

}  // namespace brink::node
