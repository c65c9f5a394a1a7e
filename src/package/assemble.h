#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "package/app_spec.h"
#include "package/guest_path.h"
#include "package/limits.h"

namespace brink::package {

/// What the choice of mode and dialect needs to know of the module itself.
struct ModuleFacts {
  enum class Sockets : std::uint8_t { none, listens } sockets = Sockets::none;
  /// Content of the custom section "cgi-dialect", if there is one.
  std::optional<std::string> cgi_dialect;
};

/// Reads and checks a .wasm file; its error is handed on as it is.
using ModuleInspector = std::function<Result<ModuleFacts>(const std::filesystem::path& module)>;

/// What the operator asks for.
struct RunRequest {
  std::filesystem::path path;  ///< a .wasm file, or a directory with a wasmer.toml
  /// What stood behind `--`: goes behind the package's main-args and takes the
  /// place of app.yaml's cli_args.
  std::optional<std::vector<std::string>> arguments;
  std::vector<EnvironmentVariable> environment;  ///< win over both files
  std::vector<Mount> mounts;
  ModeChoice mode;
  /// Options that were given and mean something to a server only: "--listen".
  std::vector<std::string> server_options;
  LimitOverrides limits;  ///< win over app.yaml
  ErrorDetail error_detail = ErrorDetail::hidden;
  std::vector<net::EgressRule> egress;  ///< beside those of app.yaml
  /// Memory of the machine or the cgroup; half of it is the default of memory_sum.
  ByteSize machine_memory = 2_GiB;
};

/// Reads what stands at request.path and makes one checked AppSpec of it. Blocks
/// on files; opens no socket. Errors: usage, file_not_found, file_unreadable,
/// config_invalid, and whatever `inspect` answers.
///
/// The mode is, in this order: the request's; app.yaml's `mode:`; wcgi where the
/// command's runner says so; stream with a `listen:`; proxy for a module that
/// imports sock_listen; else wcgi.
Result<AppSpec> assemble(const RunRequest& request, const ModuleInspector& inspect);

}  // namespace brink::package
