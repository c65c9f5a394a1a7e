#include "node/compile.h"

#include <poll.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "node/role_process.h"
#include "wasm/engine.h"

namespace brink::node {
namespace {

constexpr Duration kStep = std::chrono::milliseconds(100);
// How many times its processor time a compilation may take: on a busy machine, too, the
// limit on processor time is the one to reach.
constexpr int kWallTimes = 4;
constexpr Duration kReapTime = std::chrono::seconds(5);

std::unexpected<Error> died(const std::string& how, const std::string& remedy) {
  return fail(ErrorCode::compile_failed, "the compiler did not survive this module: " + how,
              remedy);
}

/// What the end of a compiler that has given no answer means.
std::unexpected<Error> explain(const sandbox::ExitStatus& status, const compiler::CompileJob& job) {
  switch (status.signal()) {
    case SIGXCPU:
      return died("it took more than " + to_string(job.cpu_time) + " of processor time",
                  "make the module smaller, or raise limits.compile_time");
    case SIGABRT:
    case SIGKILL:
      return died(status.text() + ", as when its " + to_string(job.address_space) +
                      " of memory do not suffice",
                  "make the module smaller, or raise limits.compile_memory");
    default:
      return died(status.text(), "compiling it is not possible with this version of brink");
  }
}

/// Nothing of the compiler is left afterwards.
void make_sure_of_its_end(const RoleProcess& process, const Clock& clock) {
  sandbox::kill_group(process.child);
  (void)sandbox::reap(process.child, clock.now() + kReapTime);
}

/// Waits for one step, or for less if there is a message or an end.
void wait_a_step(const RoleProcess& process) {
  std::array<pollfd, 2> fds = {
      {{process.channel.fd(), POLLIN, 0}, {process.child.pidfd.get(), POLLIN, 0}}};
  ::poll(fds.data(), fds.size(),
         static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(kStep).count()));
}

Result<void> take_answer(const RoleProcess& process, ipc::Message& answer, const Clock& clock) {
  if (auto* failed = std::get_if<ipc::Failed>(&answer)) {
    return std::unexpected(std::move(failed->error));
  }
  if (!std::holds_alternative<ipc::Ready>(answer)) {
    return died("it answered nonsense", "please report this module");
  }
  (void)sandbox::reap(process.child, clock.now() + kReapTime);
  return {};
}

Result<void> await_answer(RoleProcess& process, const compiler::CompileJob& job, const Clock& clock,
                          const CompileProgress& progress) {
  const MonotonicTime began = clock.now();
  const Duration wall_time = kWallTimes * job.cpu_time;
  for (;;) {
    ipc::Envelope envelope;
    const auto received = process.channel.try_receive(envelope);
    if (received && *received == net::Transfer::done) {
      return take_answer(process, envelope.message, clock);
    }
    if (!received || *received == net::Transfer::closed) {
      // Its end follows; one that only hangs up is as good as dead.
      const auto status = sandbox::reap(process.child, clock.now() + kReapTime);
      if (status && *status) return explain(**status, job);
      return died("it hung up", "please report this module");
    }
    const Duration spent = clock.now() - began;
    if (spent > wall_time) {
      return died("it took more than " + to_string(wall_time),
                  "make the module smaller, or raise limits.compile_time");
    }
    if (progress(spent) == KeepGoing::no) return fail(ErrorCode::draining, "brink is stopping");
    wait_a_step(process);
  }
}

}  // namespace

Result<UniqueFd> get_artefact(ArtefactStore& store, std::span<const std::byte> wasm, int module,
                              const compiler::CompileJob& job, const CompileProgress& progress) {
  const std::string key = ArtefactStore::key_of(
      wasm, wasm::Engine::fingerprint() + "\n" + std::string(compiler::rewriting()));
  if (auto found = store.find(key)) return std::move(*found);

  const SystemClock clock;
  const UniqueFd output(::memfd_create("artefact", MFD_CLOEXEC));
  if (!output) return std::unexpected(errno_error(ErrorCode::internal, "memfd_create", errno));
  TRY(RoleProcess process, start_role(ipc::Role::compiler, 0));
  const std::array fds = {module, output.get()};
  auto made = process.channel.send(ipc::Start{compiler::encode(job), {"module", "artefact"}}, fds,
                                   clock.now() + kReapTime);
  if (made) made = await_answer(process, job, clock, progress);
  // The artefact is mapped below: nobody may change its size any more.
  make_sure_of_its_end(process, clock);
  TRY_VOID(std::move(made));
  TRY_VOID(store.put(key, output.get()));
  if (auto found = store.find(key)) return std::move(*found);
  return fail(ErrorCode::io_error, "the artefact cache lost what was just written");
}

}  // namespace brink::node
