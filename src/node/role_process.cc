#include "node/role_process.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace brink::node {
namespace {

constexpr int kChannelFd = 3;
constexpr Duration kGreetingTime = std::chrono::seconds(10);

// What a sanitizer needs in the children, too; nothing else is passed on.
constexpr const char* kPassedOn[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};

}  // namespace

std::string role_argument(ipc::Role role) { return "--role=" + std::string(ipc::to_string(role)); }

Result<RoleProcess> start_role(ipc::Role role, std::uint32_t slot) {
  const SystemClock clock;
  TRY(auto ends, ipc::Channel::pair());
  TRY(const ipc::BootToken token, ipc::BootToken::random());
  sandbox::SpawnOptions options;
  options.arguments = {"brink", role_argument(role), std::to_string(slot)};
  options.environment = {std::string(ipc::BootToken::kVariable) + "=" + token.hex()};
  for (const char* name : kPassedOn) {
    if (const char* value = std::getenv(name)) {
      options.environment.push_back(std::string(name) + "=" + value);
    }
  }
  options.descriptors = {ends.second.fd()};
  // Workers finish their requests first; for the others nobody would wait.
  if (role != ipc::Role::worker) options.on_parent_death = sandbox::OnParentDeath::die;
  TRY(sandbox::Child child, sandbox::spawn(options));
  RoleProcess process{std::move(child), std::move(ends.first)};
  const ipc::ExpectedPeer expected{token, role, slot, std::nullopt};
  if (auto hello = ipc::accept_greeting(process.channel, expected, clock.now() + kGreetingTime);
      !hello) {
    sandbox::kill_group(process.child);
    (void)sandbox::reap(process.child, clock.now() + kGreetingTime);
    return std::unexpected(
        std::move(hello).error().in("starting a " + std::string(ipc::to_string(role))));
  }
  return process;
}

Result<ipc::Channel> join_node(ipc::Role role, std::uint32_t slot) {
  const SystemClock clock;
  TRY(const ipc::BootToken token, ipc::BootToken::take_from_environment());
  ipc::Channel channel{UniqueFd(kChannelFd)};
  const ipc::Hello hello{ipc::kProtocolVersion, role, slot, ::getpid(), token};
  TRY_VOID(channel.send(hello, {}, clock.now() + kGreetingTime));
  return channel;
}

}  // namespace brink::node
