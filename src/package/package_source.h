#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "package/app_yaml.h"
#include "package/wasmer_toml.h"

namespace brink::package {

/// What the operator's PATH leads to, read but not yet put together.
struct PackageSource {
  /// Directory of the package; every file of it must lie below. Empty for a bare
  /// .wasm file. Absolute, links resolved.
  std::filesystem::path root;
  std::filesystem::path module;      ///< the .wasm file, absolute, links resolved
  std::optional<Manifest> manifest;  ///< with a start command; none for a bare file
  std::optional<AppConfig> config;
};

/// Finds and reads the .wasm file, or wasmer.toml and app.yaml of a directory.
/// Errors as of assemble().
Result<PackageSource> open_package(const std::filesystem::path& path);

/// The directory that a `[fs]` entry means, checked to lie inside of `root` after
/// its links are resolved.
Result<std::filesystem::path> mapped_directory(const std::filesystem::path& root,
                                               const ManifestMapping& mapping,
                                               const std::string& manifest_file);

}  // namespace brink::package
