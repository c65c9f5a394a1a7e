#include "package/assemble.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "package/diagnostics.h"
#include "package/mode_rule.h"
#include "package/package_source.h"

namespace brink::package {
namespace {

namespace fs = std::filesystem;

/// A host directory as the operator gave it: it must be there and readable.
Result<fs::path> mount_point(const Mount& mount) {
  std::error_code problem;
  fs::path resolved = fs::canonical(mount.host, problem);
  const auto context = fmt::format("mount {}", in_quotes(mount.host));
  if (problem) {
    const ErrorCode code = problem == std::errc::no_such_file_or_directory
                               ? ErrorCode::file_not_found
                               : ErrorCode::file_unreadable;
    return std::unexpected(errno_error(code, context, problem.value()));
  }
  if (!fs::is_directory(resolved, problem)) {
    return fail(ErrorCode::usage, context + ": it is not a directory",
                "mount the directory that it is in");
  }
  const int wanted = mount.access == Access::read_write ? R_OK | W_OK | X_OK : R_OK | X_OK;
  if (::access(resolved.c_str(), wanted) != 0) {
    Error error = errno_error(ErrorCode::file_unreadable, context, errno);
    error.remedy = mount.access == Access::read_write ? "change its permissions, or mount it as :ro"
                                                      : "change its permissions";
    return std::unexpected(std::move(error));
  }
  return resolved;
}

Result<std::vector<Directory>> directories(const RunRequest& request, const PackageSource& source) {
  std::vector<Directory> all;
  if (source.manifest) {
    for (const ManifestMapping& mapping : source.manifest->fs) {
      TRY(fs::path host, mapped_directory(source.root, mapping, source.manifest->file));
      all.push_back({std::move(host), mapping.guest, Access::read_only, Directory::Origin::package,
                     mapping.guest});
    }
  }
  const std::size_t mapped = all.size();
  for (const Mount& mount : request.mounts) {
    const auto same = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(mapped), all.end(),
                                   [&](const Directory& one) { return one.guest == mount.guest; });
    if (same != all.end()) {
      return fail(ErrorCode::usage, fmt::format("two mounts are at {}", mount.guest),
                  "remove one of them");
    }
    TRY(fs::path host, mount_point(mount));
    all.push_back(
        {std::move(host), mount.guest, mount.access, Directory::Origin::mount, mount.name});
  }
  return all;
}

std::vector<std::string> arguments(const RunRequest& request, const PackageSource& source,
                                   const ManifestCommand* command) {
  std::vector<std::string> all;
  if (command != nullptr) {
    all.push_back(command->exec_name.value_or(command->name));
    all.insert(all.end(), command->main_args.begin(), command->main_args.end());
  } else {
    all.push_back(source.module.filename().string());
  }
  auto more = request.arguments;
  if (!more && source.config) more = source.config->cli_args;
  if (more) all.insert(all.end(), more->begin(), more->end());
  return all;
}

std::vector<EnvironmentVariable> environment(const RunRequest& request, const PackageSource& source,
                                             const ManifestCommand* command) {
  std::vector<EnvironmentVariable> all;
  const auto add = [&](const std::vector<EnvironmentVariable>& variables) {
    for (const EnvironmentVariable& variable : variables) set_variable(all, variable);
  };
  if (command != nullptr) add(command->env);
  if (source.config) add(source.config->env);
  add(request.environment);
  return all;
}

Result<Limits> limits(const RunRequest& request, const PackageSource& source) {
  Limits all;
  if (source.config) source.config->limits.apply(all);
  request.limits.apply(all);
  if (all.memory_sum == ByteSize{}) {
    all.memory_sum = std::max(ByteSize(request.machine_memory.bytes() / 2), all.memory);
  } else if (all.memory > all.memory_sum) {
    return fail(ErrorCode::config_invalid,
                fmt::format("the limit memory ({}) is above the limit memory_sum ({}), so that no "
                            "instance could ever start",
                            to_string(all.memory), to_string(all.memory_sum)),
                "lower memory, or raise memory_sum");
  }
  return all;
}

/// What only a server understands is a mistake where none is started.
Result<void> check_command_options(const RunRequest& request, const std::string& reason) {
  if (request.server_options.empty()) return {};
  return fail(ErrorCode::usage,
              fmt::format("{} has no effect in mode command ({}), where the program runs once",
                          request.server_options.front(), reason),
              "remove it, or serve with --mode wcgi");
}

/// A relative name is what a program that runs once opens it by; a server's programs
/// have a root directory.
Result<void> check_server_mounts(const RunRequest& request) {
  for (const Mount& mount : request.mounts) {
    if (mount.name.starts_with('/')) continue;
    return fail(ErrorCode::usage,
                fmt::format("mount {}: {} is not an absolute path", in_quotes(mount.host),
                            in_quotes(mount.name)),
                fmt::format("write {}", mount.guest));
  }
  return {};
}

/// Whoever runs a command waits for it and can end it, so its time is bounded only
/// by limits that somebody has set.
void loosen_for_command(const RunRequest& request, const PackageSource& source, AppSpec& spec) {
  const auto is_set = [&](std::string_view name) {
    return request.limits.get(name) || (source.config && source.config->limits.get(name));
  };
  if (!is_set("wall_time")) spec.limits.wall_time = kUnbounded;
  if (!is_set("cpu_time")) spec.limits.cpu_time = kUnbounded;
  for (const std::string_view limit : {"output", "body", "header_bytes", "instances", "memory_sum",
                                       "queue", "queue_wait", "grace"}) {
    // A file may have them for the day that it is served.
    if (!request.limits.get(limit)) continue;
    spec.warnings.push_back(fmt::format("the limit {} has no effect in mode command", limit));
  }
  // A lone module's files are what the operator mounts; a package brings a root.
  if (!source.manifest) spec.root = Root::only_when_mounted;
}

Result<Dialect> dialect(const ManifestCommand* command, const ModuleFacts& facts,
                        const fs::path& module) {
  if (command != nullptr && command->dialect) return *command->dialect;
  if (!facts.cgi_dialect || *facts.cgi_dialect == "rfc-3875") return Dialect::rfc3875;
  if (*facts.cgi_dialect == "wcgi") return Dialect::json;
  return fail(ErrorCode::module_invalid,
              fmt::format("{}: its custom section cgi-dialect says {}, not rfc-3875 or wcgi",
                          module.string(), in_quotes(*facts.cgi_dialect)),
              "rebuild it, or set annotations.wcgi.dialect in wasmer.toml");
}

std::string app_name(const PackageSource& source, const ManifestCommand* command) {
  if (source.config && !source.config->name.empty()) return source.config->name;
  return command != nullptr ? command->name : source.module.stem().string();
}

}  // namespace

Result<AppSpec> assemble(const RunRequest& request, const ModuleInspector& inspect) {
  TRY(const PackageSource source, open_package(request.path));
  const ManifestCommand* command = source.manifest ? source.manifest->start() : nullptr;
  AppSpec spec;
  spec.name = app_name(source, command);
  spec.module = source.module;
  spec.arguments = arguments(request, source, command);
  spec.environment = environment(request, source, command);
  if (command != nullptr) spec.working_directory = command->cwd.value_or("/");
  TRY(spec.directories, directories(request, source));
  TRY(spec.limits, limits(request, source));
  TRY(const ModuleFacts facts, inspect(source.module));
  TRY(ChosenMode chosen, choose_mode(request.mode, source, facts));
  spec.mode = chosen.mode;
  spec.reason = std::move(chosen.reason);
  if (spec.mode == Mode::command) TRY_VOID(check_command_options(request, spec.reason));
  if (spec.mode == Mode::wcgi) {
    TRY_VOID(check_server_mounts(request));
    TRY(spec.dialect, dialect(command, facts, source.module));
  }
  spec.error_detail = request.error_detail;
  if (source.manifest) spec.warnings = source.manifest->warnings;
  if (source.config) {
    const AppConfig& config = *source.config;
    spec.warnings.insert(spec.warnings.end(), config.warnings.begin(), config.warnings.end());
    spec.executor = config.executor;
    spec.wcgi = config.wcgi;
    spec.wasix = config.wasix;
    if (config.egress) spec.egress = *config.egress;
    if (config.error_detail == ErrorDetail::shown) spec.error_detail = ErrorDetail::shown;
    if (!config.listen.empty()) {
      spec.warnings.push_back(
          fmt::format("{}: listen: has no effect in mode {}", config.file, to_string(spec.mode)));
    }
  }
  for (const net::EgressRule& rule : request.egress) spec.egress.add(rule);
  if (spec.mode == Mode::wcgi && spec.executor == Executor::process) {
    return fail(
        ErrorCode::config_invalid,
        fmt::format("{}: executor: process is not supported by this version", source.config->file),
        "write auto or worker");
  }
  if (spec.mode == Mode::command) loosen_for_command(request, source, spec);
  return spec;
}

}  // namespace brink::package
