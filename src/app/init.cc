#include "app/init.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "app/family_plan.h"
#include "app/household.h"
#include "launch/app_version.h"
#include "sandbox/privileges.h"
#include "sandbox/process.h"
#include "wasi/abi_profile.h"

namespace brink::app {
namespace {

constexpr Duration kChannelTime = std::chrono::seconds(30);
constexpr int kNotStarted = 70;  // EX_SOFTWARE

using wasi::files::Access;

/// Each command of the package is a file in /bin, for programs that look before they
/// run one. What runs is the compiled program; the file only has a module's first bytes.
Result<void> provide_commands(launch::LaunchConfig& config, std::vector<UniqueFd>& files) {
  if (config.abi != module::Dialect::wasix) return {};
  for (const launch::LaunchConfig::Command& command : config.commands) {
    TRY(UniqueFd content, wasi::files::content_of(std::string_view("\0asm\1\0\0\0", 8)));
    files.push_back(std::move(content));
    config.files.push_back("/bin/" + command.name);
  }
  return {};
}

Result<std::unique_ptr<FamilyPlan>> make_plan(ipc::Channel& channel, const Clock& clock) {
  TRY(ipc::Envelope envelope, channel.receive(clock.now() + kChannelTime));
  auto* start = std::get_if<ipc::Start>(&envelope.message);
  if (start == nullptr) return fail(ErrorCode::internal, "the node did not send a start message");
  TRY(launch::LaunchConfig config, launch::decode_launch_config(start->configuration));
  UniqueFd artefact;
  UniqueFd scratch_base;
  std::vector<UniqueFd> directories;
  std::vector<UniqueFd> files;
  for (std::size_t i = 0; i < envelope.fds.size(); ++i) {
    const std::string& name = start->descriptors[i];
    if (name == "artefact") artefact = std::move(envelope.fds[i]);
    if (name == "scratch") scratch_base = std::move(envelope.fds[i]);
    if (name.starts_with("file/")) files.push_back(std::move(envelope.fds[i]));
    if (name.starts_with("directory/")) directories.push_back(std::move(envelope.fds[i]));
  }
  const pid_t node = ::getppid();
  TRY_VOID(sandbox::drop_privileges({config.uid, config.gid}));
  TRY_VOID(sandbox::die_with_parent(node));
  std::vector<FamilyPlan::Root> roots;
  for (std::size_t i = 0; i < directories.size() && i < config.mounts.size(); ++i) {
    roots.push_back({directories[i].get(), config.mounts[i].access});
  }
  TRY_VOID(provide_commands(config, files));
  TRY(wasi::files::FileTree tree,
      launch::build_tree(config, std::move(directories), std::move(files)));
  TRY(FamilyMemory memory, FamilyMemory::create());
  auto plan = std::make_unique<FamilyPlan>(std::move(config), std::move(tree), std::move(memory));
  plan->artefact = std::move(artefact);
  plan->roots = std::move(roots);
  plan->init = ::getpid();
  plan->node = channel.fd();
  if (scratch_base) {
    TRY(auto home, wasi::files::ScratchHome::create(scratch_base.get()));
    plan->scratch = std::make_unique<wasi::files::ScratchHome>(std::move(home));
    plan->roots.push_back({plan->scratch->directory(), Access::read_write});
  }
  const package::Limits& limits = plan->config.limits;
  const bool wasix = plan->config.abi == module::Dialect::wasix;
  plan->files = std::make_unique<wasi::files::FileSpace>(
      plan->tree, plan->scratch.get(),
      wasi::files::QuotaLimits{limits.scratch, limits.scratch_inodes},
      (wasix ? wasi::kWasix : wasi::kStandard).paths, &plan->memory.page().scratch);
  // Before any fork, so that all processes write to the same one.
  if (plan->scratch && limits.scratch_inodes > 0 && !plan->files->require_scratch()) {
    return fail(ErrorCode::io_error, "the program's scratch directory cannot be made",
                "set TMPDIR to a folder that can be written");
  }
  return plan;
}

Result<int> run(ipc::Channel& channel) {
  const SystemClock clock;
  TRY(const auto plan, make_plan(channel, clock));
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "PR_SET_CHILD_SUBREAPER", errno));
  }
  Household household(*plan, clock);
  TRY_VOID(household.begin());
  TRY(const Household::First first, household.await_first());
  if (first.failure) return std::unexpected(*first.failure);
  TRY_VOID(channel.send(ipc::Ready{}, {}, clock.now() + kChannelTime));
  return household.run();
}

}  // namespace

int run_init(ipc::Channel channel) {
  const auto status = run(channel);
  if (status) return *status;
  const SystemClock clock;
  (void)channel.send(ipc::Failed{status.error()}, {}, clock.now() + kChannelTime);
  return kNotStarted;
}

}  // namespace brink::app
