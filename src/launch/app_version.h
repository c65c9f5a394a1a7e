#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/limits.h"
#include "launch/launch_config.h"
#include "sandbox/landlock.h"
#include "wasi/abi_profile.h"
#include "wasi/files/file_tree.h"
#include "wasi/files/scratch_home.h"
#include "wasi/guest_address.h"
#include "wasi/host_network.h"
#include "wasi/string_block.h"
#include "wasm/program.h"
#include "wasm/shared_memory.h"
#include "wcgi/environment.h"

namespace brink::launch {

/// One version of an app, ready to serve: everything that all its requests share.
struct AppVersion {
  LaunchConfig config;
  wasm::Program program;
  wasi::files::FileTree tree;
  std::unique_ptr<wasi::files::ScratchHome> scratch;  ///< null: no writable /tmp
  UniqueFd scratch_base;                              ///< what `scratch` lies in
  wasi::StringBlock arguments;
  wcgi::EnvironmentBuilder environment;
  http::RequestLimits request_limits;
  /// What guests in this process use of the network; null: nothing.
  std::unique_ptr<wasi::HostNetwork> network;

  /// What Landlock lets the worker use: the mounts, and its scratch home.
  struct Root {
    int fd;  ///< owned by the tree or by `scratch`
    sandbox::FileAccess access;
  };
  std::vector<Root> roots;

  /// Directory for spooled request bodies, -1: in memory only.
  [[nodiscard]] int spool() const { return scratch ? scratch->directory() : -1; }

  /// Memory that every instance is counted with.
  [[nodiscard]] ByteSize baseline() const;
};

/// How host calls answer where the ABIs differ, and in which order they give ports.
const wasi::AbiProfile& profile_of(const LaunchConfig& config) noexcept;
wasi::PortOrder port_order_of(const LaunchConfig& config) noexcept;

/// What the program may use of the host's network, as the configuration says. It
/// serves ports with `servers`; null: it only connects. `family` is for HostNetwork.
Result<std::unique_ptr<wasi::HostNetwork>> open_network(const LaunchConfig& config,
                                                        wasi::OwnPorts* servers,
                                                        std::string family);

/// Loads and links the artefact, as the user that will serve: its bytes are foreign.
/// Before the system call filter, since native code is mapped; the engine takes a
/// path only, so this opens the descriptor anew through /proc, which the file's mode
/// has to allow (see node::ArtefactStore).
/// `memory` is what programs with threads share; it must stay where it is.
Result<wasm::Program> load_program(const wasm::Engine& engine, const LaunchConfig& config,
                                   const UniqueFd& artefact,
                                   const wasm::SharedMemory* memory = nullptr);

/// The memory that the program's threads share; none: it has no threads.
Result<std::optional<wasm::SharedMemory>> make_shared_memory(const wasm::Engine& engine,
                                                             const LaunchConfig& config);

/// Descriptors that come with the configuration; see ipc::Start.
struct AppFiles {
  std::vector<UniqueFd> directories;
  std::vector<UniqueFd> files;  ///< provided ones
  UniqueFd scratch_base;        ///< none: the program gets no scratch directory
};

/// The program's files as the configuration has them: one directory per mount, and
/// the provided ones.
Result<wasi::files::FileTree> build_tree(const LaunchConfig& config,
                                         std::vector<UniqueFd> directories,
                                         std::vector<UniqueFd> files);

/// Builds the rest, as the user that will serve (scratch directories are its own).
Result<AppVersion> build_app(wasm::Program program, LaunchConfig config, AppFiles files);

}  // namespace brink::launch
