#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "launch/launch_config.h"
#include "node/artefact_store.h"
#include "node/compile.h"
#include "package/assemble.h"
#include "sandbox/privileges.h"
#include "sandbox/seccomp.h"

namespace brink::node {

/// One version of a program, checked, compiled and with everything open that its
/// processes need: from here on nothing about it can fail but the processes.
struct PreparedApp {
  package::AppSpec spec;
  sandbox::Identity identity;
  UniqueFd artefact;
  std::vector<UniqueFd> directories;  ///< in the order of spec.directories
  std::vector<wasi::files::ProvidedFile> files;
  UniqueFd scratch;  ///< where its processes make scratch directories
  wasm::Program::Start start = wasm::Program::Start::none;
  std::uint64_t initial_memory = 0;
  std::optional<launch::LaunchConfig::Threads> threads;
  module::Dialect abi = module::Dialect::preview1;
  sandbox::Outbound outbound = sandbox::Outbound::refused;

  /// Whether the program sees a root directory, whatever is mounted: WASIX programs
  /// know nothing else.
  [[nodiscard]] bool rooted() const {
    return abi == module::Dialect::wasix || spec.root == package::Root::opened;
  }

  /// What every process of it is told; seat and slot are the caller's to fill in.
  [[nodiscard]] launch::LaunchConfig config() const;

  /// The descriptors of ipc::Start that go with it, with their names.
  void add_descriptors(std::vector<std::string>& names, std::vector<int>& fds) const;
};

/// Reads, checks and compiles what stands at request.path. Opens no socket.
/// Every error is one line with cause and remedy.
Result<PreparedApp> prepare(const package::RunRequest& request, ArtefactStore& store,
                            const CompileProgress& progress);

}  // namespace brink::node
