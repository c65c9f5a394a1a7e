#include "node/compile.h"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "node/role_process.h"
#include "wasm/engine.h"

namespace brink::node {
namespace {

constexpr Duration kStep = std::chrono::milliseconds(250);
constexpr Duration kReapTime = std::chrono::seconds(5);

std::unexpected<Error> died(const std::string& how) {
  return fail(ErrorCode::compile_failed, "the compiler did not survive this module: " + how,
              "compiling is limited in time and memory; a module this hard to compile cannot be "
              "served");
}

/// Kills what is left of the compiler, and says how it ended.
std::string end_of(const RoleProcess& process, const Clock& clock) {
  sandbox::kill_group(process.child);
  const auto status = sandbox::reap(process.child, clock.now() + kReapTime);
  return status && *status ? (*status)->text() : "it does not end";
}

Result<void> await_answer(RoleProcess& process, const Clock& clock,
                          const CompileProgress& progress) {
  const MonotonicTime began = clock.now();
  for (;;) {
    const Duration spent = clock.now() - began;
    if (spent > kCompileTime) {
      end_of(process, clock);
      return died("it took more than " + to_string(kCompileTime));
    }
    auto envelope = process.channel.receive(clock.now() + kStep);
    if (!envelope) {
      // Nothing yet, or nothing ever: the process itself knows which.
      const auto status = sandbox::try_reap(process.child);
      if (status && *status) return died((*status)->text());
      progress(spent);
      continue;
    }
    if (auto* failed = std::get_if<ipc::Failed>(&envelope->message)) {
      end_of(process, clock);
      return std::unexpected(std::move(failed->error));
    }
    if (!std::holds_alternative<ipc::Ready>(envelope->message)) return died("it answered nonsense");
    const auto status = sandbox::reap(process.child, clock.now() + kReapTime);
    if (!status || !*status) end_of(process, clock);
    return {};
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
  TRY_VOID(process.channel.send(ipc::Start{compiler::encode(job), {"module", "artefact"}}, fds,
                                clock.now() + kReapTime));
  TRY_VOID(await_answer(process, clock, progress));
  TRY_VOID(store.put(key, output.get()));
  if (auto found = store.find(key)) return std::move(*found);
  return fail(ErrorCode::io_error, "the artefact cache lost what was just written");
}

}  // namespace brink::node
