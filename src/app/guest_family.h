#pragma once

#include <sys/types.h>

#include <optional>

#include "app/family_plan.h"
#include "app/guest_threads.h"
#include "wasi/family.h"
#include "wasm/engine.h"

namespace brink::app {

/// The family as one guest process sees it: its threads are its own business, all
/// else it asks init. Lives until the process ends; in a forked child it goes on as
/// the child's.
class GuestFamily final : public wasi::Family, public ProcessEnd {
 public:
  GuestFamily(FamilyPlan& plan, FamilyChannel channel, std::uint32_t pid, std::uint32_t slot);

  /// Before the guest runs. Nothing is owned.
  void connect(GuestThreads& threads, wasi::Process& process, const wasm::Engine& engine,
               const wasm::SharedMemory* memory);
  /// From now on the process looks at signals that init marks as pending.
  void take_signals();

  /// Says to init how the start went.
  Result<void> report(const Started& started);

  [[noreturn]] void end(const wasi::ProcessExit& exit,
                        const wasm::TrapReport* trap) noexcept override;

  [[nodiscard]] std::uint32_t pid() const noexcept override { return pid_; }
  [[nodiscard]] std::uint32_t parent() const noexcept override;
  wasi::Outcome<std::uint32_t> fork(wasm::HostCall& call) override;
  wasi::Outcome<std::uint32_t> spawn(const wasi::ProgramRequest& request) override;
  wasi::Outcome<void> replace(const wasi::ProgramRequest& request) override;
  wasi::Outcome<std::uint32_t> reserve_child() override;
  void end_reserved(std::uint32_t pid, wasi::ProcessExit exit) override;
  wasi::Outcome<std::optional<wasi::EndedChild>> reap(std::optional<std::uint32_t> pid) override;
  void await_child(wasm::WaitSet& wait) noexcept override;
  wasi::Outcome<void> kill(std::uint32_t pid, std::uint32_t signal) override;
  wasi::Outcome<std::uint32_t> start_thread(wasm::HostCall& call, std::uint32_t record) override;
  [[nodiscard]] bool thread_runs(std::uint32_t thread) const noexcept override;
  void await_thread(std::uint32_t thread, wasm::WaitSet& wait) noexcept override;
  wasi::Outcome<void> signal_thread(std::uint32_t thread, std::uint32_t signal) override;
  [[nodiscard]] std::uint32_t parallelism() const noexcept override;

 private:
  static void look(int signal);

  FamilyPage::Slot& slot() const noexcept { return plan_.memory.page().slots[slot_]; }
  wasi::Outcome<FamilyReply> ask(const FamilyRequest& request, std::span<const int> fds = {});
  Result<void> tell(const FamilyRequest& request);
  wasi::Outcome<std::uint32_t> launch(const wasi::ProgramRequest& request, Launch::As as);
  void become_child(wasm::HostCall& call, FamilyChannel channel, const FamilyReply& reply,
                    pid_t middle);

  FamilyPlan& plan_;
  FamilyChannel channel_;
  std::uint32_t pid_;
  std::uint32_t slot_;
  GuestThreads* threads_ = nullptr;
  wasi::Process* process_ = nullptr;
  const wasm::Engine* engine_ = nullptr;
  const wasm::SharedMemory* memory_ = nullptr;
};

/// How init makes a process look at its pending signals. No program and no library
/// uses it.
int look_signal() noexcept;

}  // namespace brink::app
