#include "app/guest_process.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <string>
#include <utility>

#include "app/command_output.h"
#include "app/guest_family.h"
#include "app/guest_threads.h"
#include "app/process_signals.h"
#include "app/thread_waiter.h"
#include "app/time_limits.h"
#include "launch/app_version.h"
#include "package/limits.h"
#include "sandbox/landlock.h"
#include "sandbox/process.h"
#include "sandbox/seccomp.h"
#include "wasi/abi_profile.h"
#include "wasi/fd_stream.h"
#include "wasi/guest_time.h"
#include "wasi/portable.h"
#include "wasi/process.h"

namespace brink::app {
namespace {

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

Result<void> lock_down(const FamilyPlan& plan) {
  sandbox::LandlockOptions options;
  for (const auto& [fd, access] : plan.roots) {
    const bool writable = access == wasi::files::Access::read_write;
    options.files.push_back(
        {fd, writable ? sandbox::FileAccess::write : sandbox::FileAccess::read});
  }
  // Which addresses, the host code checks; programs without sockets get none.
  if (plan.config.outbound == sandbox::Outbound::allowed) {
    options.tcp = sandbox::TcpAccess::unrestricted;
  }
  TRY(const sandbox::LandlockReport report, sandbox::apply_landlock(options));
  (void)report;
  return sandbox::apply_seccomp(
      {.role = sandbox::FilterRole::app, .outbound = plan.config.outbound});
}

struct Strings {
  wasi::StringBlock arguments;
  wasi::StringBlock environment;
};

Strings strings_of(const FamilyPlan& plan, const FreshProcess& fresh) {
  Strings out;
  if (fresh.launch) {
    for (const std::string& text : fresh.launch->arguments) out.arguments.add(text);
    for (const std::string& text : fresh.launch->environment) out.environment.add(text);
  } else {
    for (const std::string& text : plan.config.arguments) out.arguments.add(text);
    for (const auto& [name, value] : plan.config.environment) out.environment.add(name, value);
  }
  return out;
}

/// What the process takes over from the one that wanted it.
Result<void> take_over(wasi::Process& process, FreshProcess& fresh) {
  if (!fresh.launch) return {};
  if (!wasi::unpack(process, fresh.launch->table, std::move(fresh.fds))) {
    return fail(ErrorCode::bad_request, "a guest process passes on what are no descriptors");
  }
  process.set_directory(fresh.launch->working_directory);
  if (!fresh.launch->dispositions.empty()) {
    process.signals().set_dispositions(fresh.launch->dispositions);
  }
  return {};
}

/// Returns on failure only.
Result<void> run(FamilyPlan& plan, FreshProcess& fresh, GuestFamily& family) {
  const SystemClock clock;
  TRY(const wasm::Engine engine, wasm::Engine::create({.use = wasm::EngineOptions::Use::single}));
  TRY(const auto memory, launch::make_shared_memory(engine, plan.config));
  const wasm::SharedMemory* const shared = memory ? &*memory : nullptr;
  TRY(const wasm::Program program,
      launch::load_program(engine, plan.config, plan.artefact, shared));
  TRY(const auto network,
      launch::open_network(plan.config, &plan.ports, std::to_string(plan.init)));
  TRY_VOID(lock_down(plan));
  const package::Limits& limits = plan.config.limits;
  TRY_VOID(arm_time_limits(package::kUnbounded, limits.cpu_time));
  const Strings strings = strings_of(plan, fresh);
  wasi::FdInputStream in(0);
  CommandOutput out(1);
  CommandOutput err(2);
  wasi::SystemRandom random;
  const ProcessTime time;
  wasi::Process process({.args = strings.arguments,
                         .environ = strings.environment,
                         .in = in,
                         .out = out,
                         .err = err,
                         .files = plan.files.get(),
                         .clock = clock,
                         .time = time,
                         .random = random,
                         .network = network.get(),
                         .port_order = launch::port_order_of(plan.config),
                         .family = &family,
                         .profile = launch::profile_of(plan.config),
                         .limits = {.descriptors = static_cast<std::uint32_t>(limits.open_files)}});
  process.main_thread().id = fresh.pid;
  TRY_VOID(take_over(process, fresh));
  std::signal(SIGPIPE, SIG_IGN);  // programs get EPIPE
  prepare_wake_signal();
  GuestThreads threads({.program = program,
                        .process = process,
                        .clock = clock,
                        .end = family,
                        .limits = {.memory = limits.memory},
                        .thread_start = plan.config.threads ? plan.config.threads->entry : "",
                        .most_threads = static_cast<std::uint32_t>(limits.threads)});
  family.connect(threads, process, engine, shared);
  pass_on_signals(threads);
  family.take_signals();
  TRY_VOID(family.report({}));
  return threads.run_main();
}

}  // namespace

void run_guest_process(FamilyPlan& plan, FreshProcess fresh) {
  GuestFamily family(plan, std::move(fresh.channel), fresh.pid, fresh.slot);
  Result<void> failure = sandbox::die_with_parent(plan.init);
  if (failure) failure = run(plan, fresh, family);
  (void)family.report(Started{failure.error()});
  ::_exit(kNotStarted);
}

}  // namespace brink::app
