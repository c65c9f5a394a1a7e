// The test program is its own child in every role, as brink itself is. Compilers
// are real unless the job's memory limit names a way to die; workers speak the
// protocol and serve nobody: how they behave stands in the app's name.

#include "node/node_test_main.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

#include "compiler/compiler.h"
#include "launch/launch_config.h"
#include "node/role_process.h"

namespace brink::node {
namespace {

constexpr int kChannel = 3;

MonotonicTime later() { return SystemClock().now() + std::chrono::seconds(60); }

/// The job's memory limit, without taking the message from the socket.
std::uint64_t peek_memory_limit() {
  pollfd wait{kChannel, POLLIN, 0};
  ::poll(&wait, 1, -1);
  std::string packet(4096, '\0');
  const ssize_t size = ::recv(kChannel, packet.data(), packet.size(), MSG_PEEK);
  packet.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t key = packet.find("memory_limit");
  const std::size_t digits = packet.find_first_of("0123456789", key);
  return key == std::string::npos ? 0 : std::strtoull(packet.c_str() + digits, nullptr, 10);
}

int compile(ipc::Channel channel) {
  switch (static_cast<CompilerDoes>(peek_memory_limit())) {
    case CompilerDoes::killed:
      std::raise(SIGKILL);
      break;
    case CompilerDoes::out_of_time:
      std::raise(SIGXCPU);
      break;
    case CompilerDoes::hangs_up:
      ::shutdown(kChannel, SHUT_RDWR);
      return 5;
    case CompilerDoes::nonsense:
      ::send(kChannel, "what?", 5, 0);
      ::pause();
      break;
    case CompilerDoes::nothing:
      ::pause();
      break;
  }
  return compiler::run_compiler(std::move(channel));
}

/// Where a worker is told to behave in another way than to serve.
std::string behaviour(const launch::LaunchConfig& config) {
  // "serves, slot 1: fails" and so on.
  const std::string key = "slot " + std::to_string(config.slot) + ": ";
  const std::size_t own = config.app.find(key);
  return own == std::string::npos ? config.app.substr(0, config.app.find(','))
                                  : config.app.substr(own + key.size());
}

void say(int log, const std::string& what, const launch::LaunchConfig& config) {
  const std::string line = what + " " + std::to_string(config.slot) + " " +
                           std::to_string(::getpid()) + " " + std::to_string(config.seat.index) +
                           "\n";
  (void)!::write(log, line.data(), line.size());
}

int work(ipc::Channel channel) {
  std::map<std::string, UniqueFd> fds;
  std::string configuration;
  while (configuration.empty()) {
    auto envelope = channel.receive(later());
    auto* start = envelope ? std::get_if<ipc::Start>(&envelope->message) : nullptr;
    if (start == nullptr) return 9;
    for (std::size_t i = 0; i < start->descriptors.size(); ++i) {
      fds[start->descriptors[i]] = std::move(envelope->fds[i]);
    }
    configuration = start->configuration;
  }
  const auto config = launch::decode_launch_config(configuration);
  if (!config) return 9;
  const int log = fds["log"].get();
  const std::string does = behaviour(*config);
  say(log, "started", *config);
  if (does == "dies") return 3;
  if (does == "hangs") ::pause();
  if (does == "fails") {
    (void)channel.send(ipc::Failed{{ErrorCode::config_invalid, "it can't", "mend it"}}, {},
                       later());
    return 1;
  }
  (void)channel.send(ipc::Ready{}, {}, later());
  const auto envelope = channel.receive(later());
  if (does == "stays") ::pause();
  const bool drains = envelope && std::holds_alternative<ipc::Drain>(envelope->message);
  if (drains) say(log, "drained", *config);
  return 0;
}

int run_role(ipc::Role role, std::uint32_t slot) {
  auto channel = join_node(role, slot);
  if (!channel) return 8;
  return role == ipc::Role::compiler ? compile(std::move(*channel)) : work(std::move(*channel));
}

}  // namespace
}  // namespace brink::node

int main(int argc, char** argv) {
  using brink::ipc::Role;
  for (const Role role : {Role::worker, Role::compiler}) {
    if (argc == 3 && argv[1] == brink::node::role_argument(role)) {
      // No leak check: the sandbox forbids what it needs.
      ::_exit(brink::node::run_role(role, static_cast<std::uint32_t>(std::atoi(argv[2]))));
    }
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
