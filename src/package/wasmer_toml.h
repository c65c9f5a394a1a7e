#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/app_spec.h"
#include "package/diagnostics.h"

namespace brink::package {

/// `[[module]]`: one WebAssembly file of the package.
struct ManifestModule {
  std::string name;
  std::string source;  ///< path relative to the package directory
  std::string abi = "none";
  Position at;  ///< of the source
};

/// What runs a command. `runner` may be a name, or a URI below
/// https://webc.org/runner/, matched by prefix since URIs carry versions.
enum class Runner : std::uint8_t { wasi, wcgi, dcgi, dproxy, emscripten, wasm4, unknown };
Runner classify_runner(std::string_view text) noexcept;

/// `[[command]]`: one way to start a module of the package.
struct ManifestCommand {
  std::string name;
  std::string module;  ///< name of a [[module]] of this package
  std::string runner;  ///< as written; empty in the old form, which names none
  Position at;
  // annotations.wasi, or main_args of the old form
  std::vector<std::string> main_args;
  std::vector<EnvironmentVariable> env;
  std::optional<std::string> cwd;
  std::optional<std::string> exec_name;
  // annotations.wcgi
  std::optional<Dialect> dialect;
};

/// One line of `[fs]`.
struct ManifestMapping {
  std::string guest;  ///< normal and absolute
  std::string host;   ///< relative to the package directory
  Position at;
};

/// A wasmer.toml, checked as far as its text allows.
struct Manifest {
  std::string file;  ///< as given, for messages
  std::string name;  ///< "namespace/name", or empty
  std::string version;
  std::vector<ManifestModule> modules;
  std::vector<ManifestCommand> commands;
  std::vector<ManifestMapping> fs;  ///< in the order of the file
  std::string entrypoint;           ///< name of a command; empty when there are none
  std::vector<std::string> warnings;

  /// The command that starts, or nullptr in a package without commands.
  [[nodiscard]] const ManifestCommand* start() const;
  [[nodiscard]] const ManifestModule* module(std::string_view name) const;
};

/// Gets the text of a file named in `annotations = { file, kind }`, by its path
/// relative to the package directory.
using AnnotationFile = std::function<Result<std::string>(std::string_view path)>;

/// Reads a package manifest (docs.wasmer.io, registry/manifest). All errors are
/// reported at once, as config_invalid, one line each.
Result<Manifest> read_wasmer_toml(std::string_view text, std::string_view file,
                                  const AnnotationFile& annotation_file = {});

}  // namespace brink::package
