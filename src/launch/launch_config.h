#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ipc/seat.h"
#include "module/dialect.h"
#include "package/app_spec.h"
#include "sandbox/seccomp.h"
#include "wasi/files/file_tree.h"
#include "wasm/program.h"

namespace brink::launch {

/// What a process that runs a program (a worker, an app process) is told when it
/// starts, beside the descriptors that come with it. Written by the node, as the
/// JSON of ipc::Start.
struct LaunchConfig {
  enum class AccessLog : std::uint8_t { off, on };

  /// One directory per descriptor "directory/N", in order.
  struct Mount {
    std::string guest_path;  ///< as the program is told it
    wasi::files::Access access = wasi::files::Access::read_only;
    wasi::files::Origin origin = wasi::files::Origin::volume;
  };

  /// Of programs with threads: the memory that all of them import, in pages of
  /// 64 KiB, and the export that a new thread is entered by.
  struct Threads {
    std::uint32_t memory_minimum = 0;
    std::uint32_t memory_maximum = 0;
    std::string entry;
  };

  /// A program of the package that others of it may run, as /bin/NAME.
  struct Command {
    std::string name;
  };

  std::string app;
  std::vector<Command> commands;  ///< the first one is what runs
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  package::Limits limits;
  module::Dialect abi = module::Dialect::preview1;
  package::Dialect dialect = package::Dialect::rfc3875;
  package::WcgiOptions wcgi;
  package::WasixOptions wasix;
  package::ErrorDetail detail = package::ErrorDetail::hidden;
  std::vector<Mount> mounts;
  /// Guest paths of provided files, one per descriptor "file/N", in order.
  std::vector<std::string> files;
  wasi::files::RootPreopen root = wasi::files::RootPreopen::always;
  wasm::Program::Start start = wasm::Program::Start::none;
  std::uint64_t initial_memory = 0;  ///< bytes an instance has at its start
  /// Whether the program makes sockets at all; the process is locked accordingly.
  sandbox::Outbound outbound = sandbox::Outbound::refused;
  std::vector<std::string> egress;        ///< net::EgressRule texts
  std::vector<std::string> name_servers;  ///< "192.0.2.1:53"
  std::optional<Threads> threads;         ///< none: its memory is its own
  AccessLog access_log = AccessLog::off;
  std::uint32_t slot = 0;
  std::uint32_t workers = 1;  ///< slots in all
  ipc::Seat seat;
  std::uint32_t seats = 1;
  /// Whom to run as when started as root; 0 keeps the user.
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

std::string encode(const LaunchConfig& config);
Result<LaunchConfig> decode_launch_config(std::string_view json);

}  // namespace brink::launch
