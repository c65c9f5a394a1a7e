#include "package/package_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "package/file_text.h"
#include "package/node.h"

namespace brink::package {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "wasmer.toml";
constexpr std::string_view kConfig = "app.yaml";

std::string at(const std::string& file, Position position) {
  return fmt::format("{}:{}:{}", file, position.line, position.column);
}

/// The path with its links resolved, or why there is no such file.
Result<fs::path> resolve(const fs::path& path) {
  std::error_code problem;
  fs::path resolved = fs::canonical(path, problem);
  if (!problem) return resolved;
  const ErrorCode code = problem == std::errc::no_such_file_or_directory
                             ? ErrorCode::file_not_found
                             : ErrorCode::file_unreadable;
  return std::unexpected(errno_error(code, path.string(), problem.value()));
}

enum class Kind : std::uint8_t { file, directory, other };
Kind kind_of(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) return Kind::directory;
  return fs::is_regular_file(status) ? Kind::file : Kind::other;
}

/// Resolves `relative` below `root` and refuses what links lead out of it.
Result<fs::path> resolve_inside(const fs::path& root, const std::string& relative) {
  TRY(fs::path resolved, resolve(root / relative));
  const auto [rest, ignored] = std::ranges::mismatch(root, resolved);
  if (rest == root.end()) return resolved;
  return fail(ErrorCode::config_invalid,
              fmt::format("{} leads out of the package, to {}", relative, resolved.string()),
              "put the file itself into the package's directory");
}

/// The file's text, or nothing when there is no such file.
Result<std::optional<std::string>> read_if_present(const fs::path& file) {
  auto text = read_file_text(file, kMaxConfigBytes);
  if (text) return std::optional(std::move(*text));
  if (text.error().code == ErrorCode::file_not_found) return std::optional<std::string>{};
  return std::unexpected(std::move(text).error());
}

Result<PackageSource> open_module(const fs::path& path) {
  PackageSource source;
  TRY(source.module, resolve(path));
  const std::string name = path.filename().string();
  if (name == kManifest || name == kConfig) {
    return fail(ErrorCode::usage, fmt::format("{} describes a package", path.string()),
                "give the directory it is in");
  }
  if (path.extension() == ".webc") {
    return fail(
        ErrorCode::usage,
        fmt::format("{}: packed packages (.webc) are not supported by this version", path.string()),
        "give the directory with its wasmer.toml");
  }
  return source;
}

Result<PackageSource> open_manifest(const fs::path& directory, const std::string& text) {
  PackageSource source;
  TRY(source.root, resolve(directory));
  const std::string file = (directory / kManifest).string();
  const auto annotation_file = [&](std::string_view name) -> Result<std::string> {
    TRY(const fs::path resolved, resolve_inside(source.root, std::string(name)));
    return read_file_text(resolved, kMaxConfigBytes);
  };
  TRY(source.manifest, read_wasmer_toml(text, file, annotation_file));
  const ManifestCommand* start = source.manifest->start();
  if (start == nullptr) {
    return fail(ErrorCode::config_invalid, fmt::format("{} has no [[command]]", file),
                "add one with name, module and runner, or give the .wasm file itself");
  }
  const ManifestModule* module = source.manifest->module(start->module);
  auto resolved = resolve_inside(source.root, module->source);
  if (!resolved) {
    return std::unexpected(std::move(resolved).error().in(at(file, module->at) + ": source"));
  }
  source.module = std::move(*resolved);
  if (kind_of(source.module) != Kind::file) {
    return fail(
        ErrorCode::file_unreadable,
        fmt::format("{}: source: {} is not a regular file", at(file, module->at), module->source),
        "name a .wasm file as the module's source");
  }
  return source;
}

/// What app.yaml's `package:` names.
Result<PackageSource> open_named(const fs::path& path, const std::string& config_file) {
  if (kind_of(path) == Kind::file) return open_module(path);
  TRY(const auto text, read_if_present(path / kManifest));
  if (text) return open_manifest(path, *text);
  return fail(ErrorCode::file_not_found,
              fmt::format("{}: there is no {} in {}", config_file, kManifest, path.string()),
              "write one, or name a .wasm file with package: ./NAME.wasm");
}

}  // namespace

Result<PackageSource> open_package(const fs::path& path) {
  TRY(const fs::path resolved, resolve(path));
  if (kind_of(resolved) == Kind::file) return open_module(path);
  if (kind_of(resolved) == Kind::other) {
    return fail(ErrorCode::usage,
                fmt::format("{} is neither a file nor a directory", path.string()),
                "give a .wasm file, or a directory with a wasmer.toml");
  }
  TRY(const auto config_text, read_if_present(path / kConfig));
  if (config_text) {
    const std::string file = (path / kConfig).string();
    TRY(AppConfig config, read_app_yaml(*config_text, file));
    TRY(PackageSource source, open_named((path / config.package).lexically_normal(), file));
    source.config = std::move(config);
    return source;
  }
  TRY(const auto manifest_text, read_if_present(path / kManifest));
  if (manifest_text) return open_manifest(path, *manifest_text);
  if (resolved.extension() == ".wasm") {
    return fail(
        ErrorCode::usage, fmt::format("{} is a directory, in spite of its name", path.string()),
        fmt::format("give a .wasm file (perhaps one in it), or write a {} there", kManifest));
  }
  return fail(ErrorCode::file_not_found,
              fmt::format("there is no {} in {}", kManifest, path.string()),
              "write one, or give the .wasm file itself");
}

Result<fs::path> mapped_directory(const fs::path& root, const ManifestMapping& mapping,
                                  const std::string& manifest_file) {
  auto resolved = resolve_inside(root, mapping.host);
  if (!resolved) {
    return std::unexpected(
        std::move(resolved).error().in(at(manifest_file, mapping.at) + ": fs." + mapping.guest));
  }
  if (kind_of(*resolved) == Kind::directory) return std::move(*resolved);
  return fail(ErrorCode::config_invalid,
              fmt::format("{}: fs.{}: {} is not a directory", at(manifest_file, mapping.at),
                          mapping.guest, mapping.host),
              "map the directory that it is in");
}

}  // namespace brink::package
