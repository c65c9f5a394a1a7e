#include "app/app.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/command_output.h"
#include "app/guest_threads.h"
#include "app/process_signals.h"
#include "app/thread_waiter.h"
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
  // Which addresses, the host code checks; programs without sockets get none.
  if (app.config.outbound == sandbox::Outbound::allowed) {
    options.tcp = sandbox::TcpAccess::unrestricted;
  }
  TRY(const sandbox::LandlockReport report, sandbox::apply_landlock(options));
  (void)report;
  return sandbox::apply_seccomp(
      {.role = sandbox::FilterRole::app, .outbound = app.config.outbound});
}

/// The program's end is the process's. What it leaves in its scratch directory goes
/// with it: threads that still run find files missing, and end at once.
class EndOfProgram final : public ProcessEnd {
 public:
  explicit EndOfProgram(launch::AppVersion& app) : app_(app) {}

  [[noreturn]] void end(const wasi::ProcessExit& exit,
                        const wasm::TrapReport* trap) noexcept override {
    if (trap != nullptr) {
      std::fprintf(stderr, "brink: the program crashed: %s\n%s", trap->name.c_str(),
                   trap->backtrace.c_str());
    }
    std::fflush(stderr);
    app_.scratch.reset();
    ::_exit(static_cast<int>(exit.status()));
  }

 private:
  launch::AppVersion& app_;
};

/// A process without others.
class OnlyProcess final : public wasi::Family {
 public:
  void set_threads(GuestThreads& threads) { threads_ = &threads; }

  [[nodiscard]] std::uint32_t pid() const noexcept override { return 1; }
  [[nodiscard]] std::uint32_t parent() const noexcept override { return 0; }
  wasi::Outcome<std::uint32_t> fork(wasm::HostCall& /*call*/) override { return no(); }
  wasi::Outcome<std::uint32_t> spawn(const wasi::ProgramRequest& /*request*/) override {
    return no();
  }
  wasi::Outcome<void> replace(const wasi::ProgramRequest& /*request*/) override { return no(); }
  wasi::Outcome<std::uint32_t> reserve_child() override { return no(); }
  void end_reserved(std::uint32_t /*pid*/, wasi::ProcessExit /*exit*/) override {}
  wasi::Outcome<std::optional<wasi::EndedChild>> reap(
      std::optional<std::uint32_t> /*pid*/) override {
    return std::unexpected(wasi::Errno::child);
  }
  void await_child(wasm::WaitSet& /*wait*/) noexcept override {}
  wasi::Outcome<void> kill(std::uint32_t /*pid*/, std::uint32_t /*signal*/) override {
    return std::unexpected(wasi::Errno::srch);
  }
  wasi::Outcome<std::uint32_t> start_thread(wasm::HostCall& call, std::uint32_t record) override {
    return threads_->start_thread(call, record);
  }
  [[nodiscard]] bool thread_runs(std::uint32_t thread) const noexcept override {
    return threads_->thread_runs(thread);
  }
  void await_thread(std::uint32_t thread, wasm::WaitSet& wait) noexcept override {
    threads_->await_thread(thread, wait);
  }
  wasi::Outcome<void> signal_thread(std::uint32_t thread, std::uint32_t signal) override {
    return threads_->signal_thread(thread, signal);
  }
  [[nodiscard]] std::uint32_t parallelism() const noexcept override {
    return std::max(1U, std::thread::hardware_concurrency());
  }

 private:
  static std::unexpected<wasi::Errno> no() { return std::unexpected(wasi::Errno::nosys); }
  GuestThreads* threads_ = nullptr;
};

/// Returns on failure only.
Result<void> run(ipc::Channel& channel) {
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
    if (name.starts_with("file/")) files.files.push_back(std::move(envelope.fds[i]));
    if (name.starts_with("directory/")) files.directories.push_back(std::move(envelope.fds[i]));
  }
  TRY(const wasm::Engine engine, wasm::Engine::create({.use = wasm::EngineOptions::Use::single}));
  const pid_t node = ::getppid();
  TRY_VOID(sandbox::drop_privileges({config.uid, config.gid}));
  TRY_VOID(sandbox::die_with_parent(node));
  TRY(const auto memory_of_threads, launch::make_shared_memory(engine, config));
  TRY(wasm::Program program,
      launch::load_program(engine, config, artefact,
                           memory_of_threads ? &*memory_of_threads : nullptr));
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
  CommandOutput out(STDOUT_FILENO);
  CommandOutput err(STDERR_FILENO);
  wasi::SystemRandom random;
  const ProcessTime time;
  const package::Limits& limits = app.config.limits;
  const wasi::AbiProfile& profile = app.profile();
  wasi::files::FileSpace space(app.tree, app.scratch.get(), {limits.scratch, limits.scratch_inodes},
                               profile.paths);
  OnlyProcess family;
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
                         .port_order = app.port_order(),
                         .family = &family,
                         .profile = profile,
                         .limits = {.descriptors = static_cast<std::uint32_t>(limits.open_files)}});
  EndOfProgram end(app);
  prepare_wake_signal();
  GuestThreads threads(
      {.program = app.program,
       .process = process,
       .clock = clock,
       .end = end,
       .limits = {.memory = memory},
       .thread_start = app.config.threads ? app.config.threads->entry : ""});
  family.set_threads(threads);
  pass_on_signals(threads);
  return threads.run_main();
}

}  // namespace

int run_app(ipc::Channel channel) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto failure = run(channel);
  const SystemClock clock;
  (void)channel.send(ipc::Failed{failure.error()}, {}, clock.now() + kChannelTime);
  return kNotStarted;
}

}  // namespace brink::app
