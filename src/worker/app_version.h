#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/limits.h"
#include "sandbox/landlock.h"
#include "wasi/files/file_tree.h"
#include "wasi/files/scratch_home.h"
#include "wasi/string_block.h"
#include "wasm/program.h"
#include "wcgi/environment.h"
#include "worker/worker_config.h"

namespace brink::worker {

/// One version of an app, ready to serve: everything that all its requests share.
struct AppVersion {
  WorkerConfig config;
  wasm::Program program;
  wasi::files::FileTree tree;
  std::unique_ptr<wasi::files::ScratchHome> scratch;  ///< null: no writable /tmp
  UniqueFd spool;  ///< directory for spooled request bodies; none: in memory only
  wasi::StringBlock arguments;
  wcgi::EnvironmentBuilder environment;
  http::RequestLimits request_limits;

  /// What Landlock lets the worker use: the mounts, and its scratch home.
  struct Root {
    int fd;  ///< owned by the tree or by `scratch`
    sandbox::FileAccess access;
  };
  std::vector<Root> roots;

  /// Memory that every instance is counted with.
  [[nodiscard]] ByteSize baseline() const;
};

/// Loads and links the artefact. Before the process gives up its rights: native
/// code is mapped, from a descriptor, through /proc.
Result<wasm::Program> load_program(const wasm::Engine& engine, const WorkerConfig& config,
                                   const UniqueFd& artefact);

/// Descriptors that come with the configuration; see ipc::Start.
struct AppFiles {
  std::vector<UniqueFd> directories;
  UniqueFd scratch_base;  ///< none: the program gets no scratch directory
};

/// Builds the rest, as the user that will serve (scratch directories are its own).
Result<AppVersion> build_app(wasm::Program program, WorkerConfig config, AppFiles files);

}  // namespace brink::worker
