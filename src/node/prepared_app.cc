#include "node/prepared_app.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "compiler/compiler.h"
#include "launch/system_files.h"
#include "module/check.h"
#include "module/dialect.h"
#include "module/needs.h"
#include "node/identity.h"
#include "package/file_text.h"
#include "wasi/files/scratch_home.h"
#include "wasi/resolver.h"
#include "wcgi/environment.h"

namespace brink::node {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostModule = std::size_t{512} << 20;
// Of wasm memories.
constexpr std::uint64_t kPageSize = 64U << 10;
constexpr std::uint64_t kMostPages = 65'536;
constexpr std::string_view kDialectSection = "cgi-dialect";

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// A module file, read once.
struct LoadedModule {
  std::string wasm;
  module::ModuleInfo info;
};

Result<LoadedModule> load(const fs::path& path) {
  LoadedModule loaded;
  TRY(loaded.wasm, package::read_file_text(path, kMostModule));
  auto info = module::read_module(bytes_of(loaded.wasm));
  if (!info) return std::unexpected(std::move(info).error().in(path.string()));
  loaded.info = std::move(*info);
  return loaded;
}

package::ModuleFacts facts_of(const LoadedModule& loaded) {
  package::ModuleFacts facts;
  for (const auto& import : loaded.info.imports) {
    if (import.name == "sock_listen") facts.sockets = package::ModuleFacts::Sockets::listens;
  }
  if (const auto* section = loaded.info.find_custom(kDialectSection)) {
    const auto& content = section->custom_content;
    facts.cgi_dialect = loaded.wasm.substr(content.offset, content.size);
  }
  return facts;
}

/// Programs that make no sockets are locked more tightly.
sandbox::Outbound outbound_of(const module::ModuleInfo& info) {
  const bool connects = std::ranges::any_of(info.imports, [](const auto& import) {
    return import.name == "sock_open" || import.name == "resolve";
  });
  return connects ? sandbox::Outbound::allowed : sandbox::Outbound::refused;
}

std::vector<std::string> name_servers_of_host() {
  constexpr std::size_t kMost = std::size_t{64} << 10;
  std::vector<std::string> servers;
  const auto text = package::read_file_text("/etc/resolv.conf", kMost);
  if (!text) return servers;
  for (const auto& server : wasi::parse_resolv_conf(*text).servers) {
    servers.push_back(server.to_string());
  }
  return servers;
}

/// A file whose content cannot change any more, for the compiler.
Result<UniqueFd> seal(const std::string& bytes) {
  UniqueFd file(::memfd_create("module", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return std::unexpected(errno_error(ErrorCode::internal, "memfd_create", errno));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (written < 0) return std::unexpected(errno_error(ErrorCode::io_error, "the module", errno));
    done += static_cast<std::size_t>(written);
  }
  ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return file;
}

/// Makes `path` a directory of `owner`, whole or not at all: one made by root that
/// had no time to give it away would be of no use to anybody. Whether it has been
/// there before is for the caller to look at.
Result<void> make_directory(const std::string& path, const sandbox::Identity& owner) {
  if (::access(path.c_str(), F_OK) == 0) return {};
  std::string temporary = path + ".XXXXXX";
  if (::mkdtemp(temporary.data()) == nullptr) {
    return std::unexpected(errno_error(ErrorCode::io_error, path, errno));
  }
  const bool given = ::geteuid() != 0 || ::chown(temporary.c_str(), owner.uid, owner.gid) == 0;
  if (given &&
      ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  const int why = errno;
  ::rmdir(temporary.c_str());
  if (given && why == EEXIST) return {};  // another node was first
  return std::unexpected(errno_error(ErrorCode::io_error, path, why));
}

/// Where all brink processes of this user keep scratch directories. In a shared
/// /tmp anyone may have made the name first: it must be ours and nobody else's.
Result<UniqueFd> open_scratch_base(const sandbox::Identity& identity) {
  const char* temporary = std::getenv("TMPDIR");
  const uid_t user = ::geteuid() == 0 ? identity.uid : ::geteuid();
  const std::string path =
      std::string(temporary != nullptr && *temporary == '/' ? temporary : "/tmp") + "/brink-" +
      std::to_string(user);
  TRY_VOID(make_directory(path, identity));
  UniqueFd base(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!base) {
    return fail(ErrorCode::io_error, errno_error(ErrorCode::io_error, path, errno).message,
                "set TMPDIR to a folder that can be written");
  }
  struct stat status{};
  if (::fstat(base.get(), &status) != 0 || status.st_uid != user || (status.st_mode & 0077) != 0) {
    return fail(ErrorCode::io_error, path + " belongs to somebody else",
                "remove it, or set TMPDIR to a folder of your own");
  }
  TRY(const std::size_t swept, wasi::files::sweep(base.get()));
  (void)swept;
  return base;
}

/// Where two directories are at one place, the later one is all that is seen.
void drop_hidden(std::vector<package::Directory>& directories) {
  std::vector<package::Directory> seen;
  for (package::Directory& directory : directories) {
    std::erase_if(seen, [&](const auto& other) { return other.guest == directory.guest; });
    seen.push_back(std::move(directory));
  }
  directories = std::move(seen);
}

/// Opens files with the rights of somebody else, on this thread, for as long as it
/// lives: the kernel checks access by this identity, and no capability helps.
class FileRights {
 public:
  explicit FileRights(const sandbox::Identity& identity)
      : changes_(::geteuid() == 0 && identity.uid != 0) {
    if (!changes_) return;
    ::setfsgid(identity.gid);
    ::setfsuid(identity.uid);
  }
  FileRights(const FileRights&) = delete;
  FileRights& operator=(const FileRights&) = delete;
  ~FileRights() {
    if (!changes_) return;
    ::setfsuid(0);
    ::setfsgid(::getegid());
  }

 private:
  bool changes_;
};

/// A mount that the node can open may still be closed to those who will use it.
Result<void> check_readable(const package::Directory& directory, int fd,
                            const sandbox::Identity& identity) {
  if (directory.origin != package::Directory::Origin::mount) return {};
  const FileRights rights(identity);
  const UniqueFd again(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (again) return {};
  return fail(ErrorCode::file_unreadable,
              errno_error(ErrorCode::file_unreadable, directory.host.string(), errno).message,
              "give user " + std::to_string(identity.uid) +
                  ", as which the program runs, the right to read it");
}

Result<std::vector<UniqueFd>> open_directories(const package::AppSpec& spec,
                                               const sandbox::Identity& identity) {
  std::vector<UniqueFd> out;
  for (const package::Directory& directory : spec.directories) {
    UniqueFd fd(::open(directory.host.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
      return fail(ErrorCode::file_unreadable,
                  errno_error(ErrorCode::file_unreadable, directory.host.string(), errno).message,
                  "give this user the right to read it, or leave the mount out");
    }
    TRY_VOID(check_readable(directory, fd.get(), identity));
    out.push_back(std::move(fd));
  }
  return out;
}

/// A program for the web does not get variables that only the server may set.
Result<void> warn_of_reserved_variables(package::AppSpec& spec) {
  if (spec.mode != package::Mode::wcgi) return {};
  wcgi::AppVariables variables;
  for (const auto& [name, value] : spec.environment) {
    variables.environment.emplace_back(name, value);
  }
  TRY(const wcgi::EnvironmentBuilder builder, wcgi::EnvironmentBuilder::create(variables));
  for (const std::string& name : builder.ignored()) {
    spec.warnings.push_back("environment: " + name + " has no effect: only the server sets it");
  }
  return {};
}

Result<void> check_sums(const package::Limits& limits) {
  // One instance's memory has to fit beside what is kept for small ones.
  const std::uint64_t least = limits.memory.bytes() / 7 * 8;
  if (limits.memory_sum.bytes() >= least) return {};
  return fail(ErrorCode::config_invalid,
              "limits.memory_sum is " + to_string(limits.memory_sum) +
                  ", too little for one instance of " + to_string(limits.memory),
              "raise memory_sum to at least " + to_string(ByteSize(least)) + ", or lower memory");
}

/// The limit on memory is what a shared memory is made with.
std::optional<launch::LaunchConfig::Threads> threads_of(const module::ExecutionNeeds& needs,
                                                        ByteSize limit) {
  if (!needs.shared_memory) return std::nullopt;
  const module::MemoryType& memory = *needs.shared_memory;
  const std::uint64_t maximum =
      std::min(limit.bytes() / kPageSize, memory.limits.maximum.value_or(kMostPages));
  return launch::LaunchConfig::Threads{static_cast<std::uint32_t>(memory.limits.minimum),
                                       static_cast<std::uint32_t>(maximum),
                                       std::string(needs.thread_start)};
}

}  // namespace

launch::LaunchConfig PreparedApp::config() const {
  launch::LaunchConfig config;
  config.app = spec.name;
  const std::string& first = spec.arguments.empty() ? spec.name : spec.arguments.front();
  config.commands.push_back({fs::path(first).stem().string()});
  config.arguments = spec.arguments;
  for (const auto& [name, value] : spec.environment) config.environment.emplace_back(name, value);
  config.limits = spec.limits;
  config.abi = abi;
  config.dialect = spec.dialect;
  config.wcgi = spec.wcgi;
  config.wasix = spec.wasix;
  config.detail = spec.error_detail;
  for (const package::Directory& directory : spec.directories) {
    const bool package = directory.origin == package::Directory::Origin::package;
    const bool writable = directory.access == package::Access::read_write;
    config.mounts.push_back(
        {directory.name,
         writable ? wasi::files::Access::read_write : wasi::files::Access::read_only,
         package ? wasi::files::Origin::package : wasi::files::Origin::volume});
  }
  for (const wasi::files::ProvidedFile& file : files) config.files.push_back(file.guest_path);
  config.root =
      rooted() ? wasi::files::RootPreopen::always : wasi::files::RootPreopen::when_mounted;
  config.start = start;
  config.initial_memory = initial_memory;
  config.outbound = outbound;
  config.egress = spec.egress.texts();
  if (outbound == sandbox::Outbound::allowed) config.name_servers = name_servers_of_host();
  config.threads = threads;
  config.uid = identity.uid;
  config.gid = identity.gid;
  return config;
}

void PreparedApp::add_descriptors(std::vector<std::string>& names, std::vector<int>& fds) const {
  const auto add = [&](std::string name, const UniqueFd& fd) {
    names.push_back(std::move(name));
    fds.push_back(fd.get());
  };
  add("artefact", artefact);
  add("scratch", scratch);
  for (std::size_t i = 0; i < directories.size(); ++i) {
    add("directory/" + std::to_string(i), directories[i]);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    add("file/" + std::to_string(i), files[i].content);
  }
}

Result<PreparedApp> prepare(const package::RunRequest& request, ArtefactStore& store,
                            const CompileProgress& progress) {
  PreparedApp app;
  LoadedModule loaded;
  const auto inspect = [&](const fs::path& path) -> Result<package::ModuleFacts> {
    TRY(loaded, load(path));
    return facts_of(loaded);
  };
  TRY(app.spec, package::assemble(request, inspect));
  drop_hidden(app.spec.directories);
  TRY_VOID(warn_of_reserved_variables(app.spec));
  TRY_VOID(check_sums(app.spec.limits));
  TRY(app.identity, choose_identity(app.spec));
  const module::ModuleInfo& info = loaded.info;
  auto fits = compiler::check(info, app.spec.limits.memory);
  if (fits && app.spec.mode == package::Mode::wcgi) {
    fits = module::check_executor(module::needs_of(info), module::Executor::worker);
  }
  if (!fits) return std::unexpected(std::move(fits).error().in(app.spec.module.string()));
  app.abi = module::dialect_of(info);
  app.outbound = outbound_of(info);
  if (info.start) app.start = wasm::Program::Start::runs_code;
  if (!info.memories.empty()) app.initial_memory = info.memories.front().minimum_bytes();
  app.threads = threads_of(module::needs_of(info), app.spec.limits.memory);
  TRY(app.directories, open_directories(app.spec, app.identity));
  // A program that only asked for some directories gets nothing else.
  if (app.rooted()) {
    TRY(app.files, launch::open_system_files(app.spec.name));
  }
  TRY(app.scratch, open_scratch_base(app.identity));
  TRY(const UniqueFd module, seal(loaded.wasm));
  const sandbox::Identity compiler = app.identity.uid == 0 && ::geteuid() == 0
                                         ? sandbox::find_identity("nobody").value_or(app.identity)
                                         : app.identity;
  const package::Limits& limits = app.spec.limits;
  const compiler::CompileJob job{limits.memory, limits.compile_time, limits.compile_memory,
                                 compiler.uid, compiler.gid};
  auto artefact = get_artefact(store, bytes_of(loaded.wasm), module.get(), job, progress);
  if (!artefact) return std::unexpected(std::move(artefact).error().in(app.spec.module.string()));
  app.artefact = std::move(*artefact);
  return app;
}

}  // namespace brink::node
