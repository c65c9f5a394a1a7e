#include "app/app.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/time_limits.h"
#include "launch/app_version.h"
#include "sandbox/landlock.h"
#include "sandbox/privileges.h"
#include "sandbox/process.h"
#include "sandbox/seccomp.h"
#include "wasi/abi_profile.h"
#include "wasi/fd_stream.h"
#include "wasi/files/file_space.h"
#include "wasi/guest_time.h"
#include "wasi/process.h"

namespace brink::app {
namespace {

constexpr Duration kChannelTime = std::chrono::seconds(30);
constexpr int kTrapped = 134;    // as a shell shows SIGABRT
constexpr int kNotStarted = 70;  // EX_SOFTWARE

/// The process is the guest's alone, so its clocks are the guest's.
class ProcessTime final : public wasi::GuestTime {
 public:
  [[nodiscard]] Duration process_cpu() const noexcept override {
    return read(CLOCK_PROCESS_CPUTIME_ID);
  }
  [[nodiscard]] Duration thread_cpu() const noexcept override {
    return read(CLOCK_THREAD_CPUTIME_ID);
  }

 private:
  static Duration read(clockid_t id) {
    timespec ts{};
    ::clock_gettime(id, &ts);
    return std::chrono::seconds(ts.tv_sec) + Duration(ts.tv_nsec);
  }
};

Result<void> lock_down(const launch::AppVersion& app) {
  sandbox::LandlockOptions options;
  for (const auto& [fd, access] : app.roots) options.files.push_back({fd, access});
  TRY(const sandbox::LandlockReport report, sandbox::apply_landlock(options));
  (void)report;
  return sandbox::apply_seccomp(
      {.role = sandbox::FilterRole::app, .outbound = app.config.outbound});
}

int report(const wasm::Ended& ended, const wasi::Process& process) {
  if (ended.how != wasm::Ended::How::trapped) {
    return process.exit() ? static_cast<int>(process.exit()->status()) : 0;
  }
  std::fprintf(stderr, "brink: the program crashed: %s\n%s", ended.trap.name.c_str(),
               ended.trap.backtrace.c_str());
  return kTrapped;
}

Result<int> run(ipc::Channel& channel) {
  const SystemClock clock;
  TRY(ipc::Envelope envelope, channel.receive(clock.now() + kChannelTime));
  auto* start = std::get_if<ipc::Start>(&envelope.message);
  if (start == nullptr) return fail(ErrorCode::internal, "the node did not send a start message");
  TRY(launch::LaunchConfig config, launch::decode_launch_config(start->configuration));
  UniqueFd artefact;
  launch::AppFiles files;
  for (std::size_t i = 0; i < envelope.fds.size(); ++i) {
    const std::string& name = start->descriptors[i];
    if (name == "artefact") artefact = std::move(envelope.fds[i]);
    if (name == "scratch") files.scratch_base = std::move(envelope.fds[i]);
    if (name.starts_with("directory/")) files.directories.push_back(std::move(envelope.fds[i]));
  }
  TRY(const wasm::Engine engine, wasm::Engine::create({.use = wasm::EngineOptions::Use::single}));
  const pid_t node = ::getppid();
  TRY_VOID(sandbox::drop_privileges({config.uid, config.gid}));
  TRY_VOID(sandbox::die_with_parent(node));
  TRY(wasm::Program program, launch::load_program(engine, config, artefact));
  const ByteSize memory = config.limits.memory;
  TRY(launch::AppVersion app,
      launch::build_app(std::move(program), std::move(config), std::move(files)));
  wasi::OwnPorts ports;
  TRY(app.network, launch::open_network(app.config, &ports, std::to_string(::getpid())));
  TRY_VOID(lock_down(app));
  TRY_VOID(arm_time_limits(app.config.limits.wall_time, app.config.limits.cpu_time));
  TRY_VOID(channel.send(ipc::Ready{}, {}, clock.now() + kChannelTime));

  wasi::StringBlock environment;
  for (const auto& [name, value] : app.config.environment) environment.add(name, value);
  wasi::FdInputStream in(0);
  wasi::FdOutputStream out(1);
  wasi::FdOutputStream err(2);
  wasi::SystemRandom random;
  const ProcessTime time;
  const package::Limits& limits = app.config.limits;
  const wasi::AbiProfile& profile = app.profile();
  wasi::files::FileSpace space(app.tree, app.scratch.get(), {limits.scratch, limits.scratch_inodes},
                               profile.paths);
  wasi::Process process({.args = app.arguments,
                         .environ = environment,
                         .in = in,
                         .out = out,
                         .err = err,
                         .files = &space,
                         .clock = clock,
                         .time = time,
                         .random = random,
                         .network = app.network.get(),
                         .profile = profile,
                         .limits = {.descriptors = static_cast<std::uint32_t>(limits.open_files)}});
  PollWaiter waiter(clock);
  wasm::Guest guest;
  TRY_VOID(guest.run(app.program, {.host = &process, .thread = &process.main_thread()},
                     {.memory = memory}, waiter));
  return report(guest.ended(), process);
}

}  // namespace

int run_app(ipc::Channel channel) {
  // A program whose output nobody reads any more ends as any other would: by SIGPIPE.
  const auto code = run(channel);
  if (code) return *code;
  const SystemClock clock;
  (void)channel.send(ipc::Failed{code.error()}, {}, clock.now() + kChannelTime);
  return kNotStarted;
}

}  // namespace brink::app
