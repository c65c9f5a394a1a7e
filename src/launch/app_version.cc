#include "launch/app_version.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "base/version.h"
#include "wasi/call_table.h"

namespace brink::launch {
namespace {

// Small programs count with this much memory even when they start with less: it
// is what their slots keep resident, and what they may grow to without asking.
constexpr std::uint64_t kLeastBaseline = 4ULL << 20;

}  // namespace

Result<wasi::files::FileTree> build_tree(const LaunchConfig& config,
                                         std::vector<UniqueFd> directories,
                                         std::vector<UniqueFd> files) {
  if (directories.size() != config.mounts.size() || files.size() != config.files.size()) {
    return fail(ErrorCode::internal, "the number of descriptors is not that of mounts and files");
  }
  wasi::files::TreeSpec spec;
  spec.root = config.root;
  if (config.abi == module::Dialect::unstable) spec.dot = wasi::files::Provide::yes;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    const LaunchConfig::Mount& mount = config.mounts[i];
    spec.mounts.push_back(
        {mount.guest_path, std::move(directories[i]), mount.access, mount.origin});
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    spec.files.push_back({config.files[i], std::move(files[i])});
  }
  return wasi::files::FileTree::build(std::move(spec));
}

Result<std::unique_ptr<wasi::HostNetwork>> open_network(const LaunchConfig& config,
                                                        wasi::OwnPorts* servers,
                                                        std::string family) {
  wasi::HostNetwork::Options options;
  options.servers = servers;
  options.family = std::move(family);
  TRY(options.egress, net::EgressRules::parse(config.egress));
  for (const std::string& text : config.name_servers) {
    TRY(net::SocketAddress server, net::parse_socket_address(text));
    options.name_servers.push_back(server);
  }
  return std::make_unique<wasi::HostNetwork>(std::move(options));
}

Result<wasm::Program> load_program(const wasm::Engine& engine, const LaunchConfig& config,
                                   const UniqueFd& artefact, const wasm::SharedMemory* memory) {
  if (config.threads && memory == nullptr) {
    return fail(ErrorCode::module_invalid,
                "the program uses threads, and workers run programs without",
                "run it with --mode command");
  }
  TRY(wasm::Module module,
      wasm::Module::load(engine, "/proc/self/fd/" + std::to_string(artefact.get())));
  return wasm::Program::link(engine, std::move(module), wasi::host_functions(), config.start,
                             memory);
}

Result<std::optional<wasm::SharedMemory>> make_shared_memory(const wasm::Engine& engine,
                                                             const LaunchConfig& config) {
  if (!config.threads) return std::nullopt;
  TRY(wasm::SharedMemory memory, wasm::SharedMemory::create(engine, config.threads->memory_minimum,
                                                            config.threads->memory_maximum));
  return memory;
}

Result<AppVersion> build_app(wasm::Program program, LaunchConfig config, AppFiles files) {
  std::vector<AppVersion::Root> roots;
  for (std::size_t i = 0; i < files.directories.size() && i < config.mounts.size(); ++i) {
    const bool writable = config.mounts[i].access == wasi::files::Access::read_write;
    roots.push_back({files.directories[i].get(),
                     writable ? sandbox::FileAccess::write : sandbox::FileAccess::read});
  }
  TRY(wasi::files::FileTree tree,
      build_tree(config, std::move(files.directories), std::move(files.files)));
  std::unique_ptr<wasi::files::ScratchHome> scratch;
  if (files.scratch_base) {
    TRY(auto home, wasi::files::ScratchHome::create(files.scratch_base.get()));
    scratch = std::make_unique<wasi::files::ScratchHome>(std::move(home));
  }
  wcgi::AppVariables variables;
  variables.environment = config.environment;
  variables.server_software = "brink/" + std::string(version());
  variables.credentials = config.wcgi.authorization == package::WcgiOptions::Authorization::pass
                              ? wcgi::Credentials::pass
                              : wcgi::Credentials::withhold;
  TRY(wcgi::EnvironmentBuilder environment, wcgi::EnvironmentBuilder::create(variables));
  wasi::StringBlock arguments;
  for (const std::string& argument : config.arguments) arguments.add(argument);
  http::RequestLimits limits;
  limits.max_header_bytes = config.limits.header_bytes;
  limits.max_body = config.limits.body;
  AppVersion app{.config = std::move(config),
                 .program = std::move(program),
                 .tree = std::move(tree),
                 .scratch = std::move(scratch),
                 .scratch_base = std::move(files.scratch_base),
                 .arguments = std::move(arguments),
                 .environment = std::move(environment),
                 .request_limits = limits,
                 .network = nullptr,
                 .roots = std::move(roots)};
  // Only its own home below the base, which other processes share; the node removes
  // the home of a process that has ended.
  if (app.scratch) app.roots.push_back({app.scratch->directory(), sandbox::FileAccess::write});
  return app;
}

wasi::PortOrder port_order_of(const LaunchConfig& config) noexcept {
  using enum package::WasixOptions::PortOrder;
  return config.wasix.port_order == big_endian ? wasi::PortOrder::big_endian
                                               : wasi::PortOrder::little_endian;
}

const wasi::AbiProfile& profile_of(const LaunchConfig& config) noexcept {
  return config.abi == module::Dialect::wasix ? wasi::kWasix : wasi::kStandard;
}

ByteSize AppVersion::baseline() const {
  const std::uint64_t least = std::max(config.initial_memory, kLeastBaseline);
  return ByteSize(std::min(least, config.limits.memory.bytes()));
}

}  // namespace brink::launch
