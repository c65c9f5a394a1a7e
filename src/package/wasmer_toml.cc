#include "package/wasmer_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "base/suggest.h"
#include "package/command_annotations.h"
#include "package/config_reader.h"
#include "package/guest_path.h"
#include "package/package_path.h"

namespace brink::package {
namespace {

constexpr std::array<std::string_view, 6> kRunners = {"wasi",   "wcgi",       "dcgi",
                                                      "dproxy", "emscripten", "wasm4"};
constexpr std::string_view kRunnerUri = "https://webc.org/runner/";
constexpr std::string_view kNoRegistry =
    "packages from a registry are not supported by this version; put the .wasm file into this "
    "package as a [[module]] and remove the dependency";

/// What to write instead of a name that is none of `names`.
std::string choice(std::string_view name, std::span<const std::string_view> names) {
  if (names.empty()) return "define it in this file";
  const std::string_view near = suggest(name, names);
  return near.empty() ? fmt::format("this file has: {}", fmt::join(names, ", "))
                      : fmt::format("did you mean {}?", near);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

bool is_package_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_name(text.substr(0, slash)) &&
         is_name(text.substr(slash + 1));
}

/// MAJOR.MINOR.PATCH with what semver.org allows behind it, not looked into.
bool is_version(std::string_view text) {
  std::string_view rest = text.substr(0, text.find_first_of("-+"));
  for (int part = 0; part < 3; ++part) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0) return false;
    rest.remove_prefix(digits);
    if (part == 2) return rest.empty();
    if (!rest.starts_with('.')) return false;
    rest.remove_prefix(1);
  }
  return false;
}

void read_package(MapReader& top, Manifest& manifest) {
  auto package = top.map("package");
  if (!package) return;
  manifest.name = package->string("name").value_or("");
  if (!manifest.name.empty() && !is_package_name(manifest.name)) {
    package->error("name", fmt::format("must be namespace/name, not {}", in_quotes(manifest.name)));
  }
  manifest.version = package->string("version").value_or("");
  if (!manifest.version.empty() && !is_version(manifest.version)) {
    package->error("version",
                   fmt::format("must be like 1.2.3, not {}", in_quotes(manifest.version)));
  }
  manifest.entrypoint = package->string("entrypoint").value_or("");
  for (const std::string_view key :
       {"description", "license", "license-file", "readme", "repository", "homepage"}) {
    (void)package->string(key);
  }
  (void)package->boolean("private");
  // Old keys that have no effect in Wasmer either.
  (void)package->any("wasmer-extra-flags");
  (void)package->boolean("disable-command-rename");
  (void)package->any("rename-commands-to-raw-command-name");
  package->finish();
}

void read_dependencies(MapReader& top) {
  auto dependencies = top.map("dependencies");
  if (!dependencies) return;
  for (const Entry& entry : dependencies->node().entries) {
    if (!is_package_name(entry.key)) {
      dependencies->error(entry.key, "must be named namespace/name; rename or remove it");
    } else if (dependencies->string(entry.key)) {
      dependencies->error(entry.key, kNoRegistry);
    }
  }
}

void read_fs(MapReader& top, Manifest& manifest) {
  auto fs = top.map("fs");
  if (!fs) return;
  std::set<std::string, std::less<>> taken;
  for (const Entry& entry : fs->node().entries) {
    const auto host = fs->string(entry.key);
    const auto guest = normal_guest_path(entry.key);
    if (!guest) {
      fs->error(entry.key, guest.error().text());
    } else if (const auto place = check_mount_place(*guest); !place) {
      fs->error(entry.key, place.error().text());
    }
    if (host) {
      if (const auto inside = check_package_path(*host); !inside) {
        fs->error(entry.key, inside.error().text());
      }
    }
    if (!host || !guest) continue;
    if (!taken.insert(*guest).second) {
      fs->error(entry.key, fmt::format("{} is mapped twice; remove one of them", *guest));
    }
    manifest.fs.push_back({*guest, *host, entry.at});
  }
}

void read_module(MapReader& reader, Manifest& manifest) {
  constexpr std::array<std::string_view, 4> kAbis = {"none", "wasi", "emscripten", "wasm4"};
  ManifestModule module;
  module.name = reader.required_string("name");
  module.source = reader.required_string("source");
  if (!module.source.empty()) {
    module.at = reader.node().find("source")->at;
    if (const auto inside = check_package_path(module.source); !inside) {
      reader.error("source", inside.error().text());
    }
  }
  if (const auto abi = reader.one_of("abi", kAbis)) module.abi = kAbis[*abi];
  const auto kind = reader.string("kind");
  if (kind && *kind != "wasm" && *kind != "https://webc.org/kind/wasm") {
    reader.error(
        "kind", fmt::format("only wasm modules can run, not {}; remove the key", in_quotes(*kind)));
  }
  // For tools that make bindings and for compilers; nothing at run time.
  (void)reader.map("interfaces");
  (void)reader.map("bindings");
  (void)reader.map("annotations");
  reader.finish();
  if (module.name.empty()) return;
  if (manifest.module(module.name) != nullptr) {
    reader.error("name",
                 fmt::format("module {} is defined twice; rename one", in_quotes(module.name)));
    return;
  }
  manifest.modules.push_back(std::move(module));
}

void check_module(MapReader& reader, const ManifestCommand& command, const Manifest& manifest) {
  if (command.module.empty()) return;
  if (command.module.find(':') != std::string::npos) {
    reader.error("module", kNoRegistry);
  } else if (manifest.module(command.module) == nullptr) {
    std::vector<std::string_view> names;
    for (const ManifestModule& module : manifest.modules) names.push_back(module.name);
    reader.error("module", fmt::format("there is no module {}; {}", in_quotes(command.module),
                                       choice(command.module, names)));
  }
}

/// `name, module, main_args?, package?`: the form without runner and annotations.
void read_old_form(MapReader& reader, ManifestCommand& command, const Manifest& manifest) {
  const ManifestModule* module = manifest.module(command.module);
  const bool foreign = module != nullptr && module->abi != "none" && module->abi != "wasi";
  command.runner = foreign ? module->abi : "wasi";
  std::string args = reader.string("main_args").value_or("");
  for (std::size_t from = args.find_first_not_of(" \t"); from != std::string::npos;) {
    const std::size_t to = std::min(args.find_first_of(" \t", from), args.size());
    command.main_args.push_back(args.substr(from, to - from));
    from = args.find_first_not_of(" \t", to);
  }
  if (reader.string("package")) reader.error("package", kNoRegistry);
}

void read_command(MapReader& reader, Manifest& manifest, const AnnotationFile& annotation_file) {
  ManifestCommand command;
  command.at = reader.node().at;
  command.name = reader.required_string("name");
  command.module = reader.required_string("module");
  check_module(reader, command, manifest);
  const auto runner = reader.string("runner");
  if (!runner && !reader.has("annotations")) {
    read_old_form(reader, command, manifest);
  } else {
    command.runner = runner.value_or("wasi");
    if (classify_runner(command.runner) == Runner::unknown && !command.runner.contains("://")) {
      const std::string_view near = suggest(command.runner, kRunners);
      reader.error("runner",
                   fmt::format("must be one of {}, or a URL, not {}{}", fmt::join(kRunners, ", "),
                               in_quotes(command.runner),
                               near.empty() ? "" : fmt::format("; did you mean {}?", near)));
    }
    if (const Node* old = reader.any("main_args"); old != nullptr) {
      reader.error("main_args",
                   "belongs to commands without runner; write main-args below "
                   "[command.annotations.wasi]");
    }
    read_annotations(reader, annotation_file, command);
  }
  reader.finish();
  if (command.name.empty()) return;
  if (std::ranges::find(manifest.commands, command.name, &ManifestCommand::name) !=
      manifest.commands.end()) {
    reader.error("name",
                 fmt::format("command {} is defined twice; rename one", in_quotes(command.name)));
    return;
  }
  manifest.commands.push_back(std::move(command));
}

void choose_entrypoint(MapReader& top, Manifest& manifest) {
  std::vector<std::string_view> names;
  for (const ManifestCommand& command : manifest.commands) names.push_back(command.name);
  Diagnostics& diagnostics = top.diagnostics();
  const Node* package = top.node().find("package");
  if (!manifest.entrypoint.empty()) {
    if (std::ranges::find(names, std::string_view(manifest.entrypoint)) != names.end()) return;
    diagnostics.error(package->find("entrypoint")->at, "package.entrypoint",
                      fmt::format("there is no command {}; {}", in_quotes(manifest.entrypoint),
                                  choice(manifest.entrypoint, names)));
  } else if (names.size() == 1) {
    manifest.entrypoint = names.front();
  } else if (names.size() > 1) {
    diagnostics.error(package == nullptr ? Position{} : package->at, "package.entrypoint",
                      fmt::format("is missing, and there are several commands; name the one that "
                                  "starts: {}",
                                  fmt::join(names, ", ")));
  }
}

}  // namespace

Runner classify_runner(std::string_view text) noexcept {
  const bool uri = text.starts_with(kRunnerUri);
  if (uri) text.remove_prefix(kRunnerUri.size());
  for (std::size_t i = 0; i < kRunners.size(); ++i) {
    if (uri ? text.starts_with(kRunners[i]) : text == kRunners[i]) return static_cast<Runner>(i);
  }
  return Runner::unknown;
}

const ManifestCommand* Manifest::start() const {
  const auto found = std::ranges::find(commands, entrypoint, &ManifestCommand::name);
  return found == commands.end() ? nullptr : &*found;
}

const ManifestModule* Manifest::module(std::string_view wanted) const {
  const auto found = std::ranges::find(modules, wanted, &ManifestModule::name);
  return found == modules.end() ? nullptr : &*found;
}

Result<Manifest> read_wasmer_toml(std::string_view text, std::string_view file,
                                  const AnnotationFile& annotation_file) {
  Diagnostics diagnostics{std::string(file)};
  const auto root = parse_toml(text, diagnostics);
  if (!root) return std::unexpected(diagnostics.to_error());
  MapReader top(*root, "", diagnostics);
  Manifest manifest;
  manifest.file = file;
  read_package(top, manifest);
  read_dependencies(top);
  read_fs(top, manifest);
  for (MapReader& module : top.maps("module", "; write [[module]], with two brackets"))
    read_module(module, manifest);
  for (MapReader& command : top.maps("command", "; write [[command]], with two brackets"))
    read_command(command, manifest, annotation_file);
  top.finish();
  choose_entrypoint(top, manifest);
  if (diagnostics.error_count() != 0) return std::unexpected(diagnostics.to_error());
  manifest.warnings = diagnostics.warnings();
  return manifest;
}

}  // namespace brink::package
