#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wasi/descriptor_table.h"
#include "wasi/family.h"

namespace brink::wasi::testing {

/// A process with threads and children that the test decides on. Programs run when
/// they are called "tool".
class FakeFamily final : public Family {
 public:
  [[nodiscard]] std::uint32_t pid() const noexcept override { return 7; }
  [[nodiscard]] std::uint32_t parent() const noexcept override { return 3; }
  Outcome<std::uint32_t> fork(wasm::HostCall& /*call*/) override {
    if (full) return again();
    return in_child ? 0 : next++;
  }
  Outcome<std::uint32_t> spawn(const ProgramRequest& wanted) override {
    TRY_VOID(run(wanted));
    return wanted.pid ? *wanted.pid : next++;
  }
  Outcome<void> replace(const ProgramRequest& wanted) override { return run(wanted); }
  Outcome<std::uint32_t> reserve_child() override {
    if (full) return again();
    return next++;
  }
  void end_reserved(std::uint32_t pid, ProcessExit exit) override { ends.push_back({pid, exit}); }
  Outcome<std::optional<EndedChild>> reap(std::optional<std::uint32_t> pid) override {
    for (auto place = ends.begin(); place != ends.end(); ++place) {
      if (pid && place->pid != *pid) continue;
      const EndedChild child = *place;
      ends.erase(place);
      return child;
    }
    if (children == 0) return std::unexpected(Errno::child);
    return std::nullopt;
  }
  void await_child(wasm::WaitSet& wait) noexcept override {
    wait.on_futex({&ended, ended, wasm::WaitSet::Futex::Scope::family});
  }
  Outcome<void> kill(std::uint32_t pid, std::uint32_t number) override {
    killed.emplace_back(pid, number);
    return {};
  }
  Outcome<std::uint32_t> start_thread(wasm::HostCall& /*call*/, std::uint32_t record) override {
    if (full) return again();
    records.push_back(record);
    running.insert(next);
    return next++;
  }
  [[nodiscard]] bool thread_runs(std::uint32_t thread) const noexcept override {
    return running.contains(thread);
  }
  void await_thread(std::uint32_t /*thread*/, wasm::WaitSet& wait) noexcept override {
    wait.on_futex({&ended, ended});
  }
  Outcome<void> signal_thread(std::uint32_t thread, std::uint32_t number) override {
    if (!running.contains(thread)) return std::unexpected(Errno::srch);
    signalled.emplace_back(thread, number);
    return {};
  }
  [[nodiscard]] std::uint32_t parallelism() const noexcept override { return 5; }

  bool full = false;
  bool in_child = false;
  unsigned children = 0;  ///< that run
  std::vector<EndedChild> ends;
  std::optional<ProgramRequest> request;  ///< the last program's
  std::vector<std::uint32_t> passed_on;   ///< the numbers of its descriptors
  std::uint32_t next = 8;
  std::uint32_t ended = 0;
  std::set<std::uint32_t> running;
  std::vector<std::uint32_t> records;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> signalled;  ///< thread, signal
  std::vector<std::pair<std::uint32_t, std::uint32_t>> killed;     ///< process, signal

 private:
  Outcome<void> run(const ProgramRequest& wanted) {
    if (wanted.name != "tool") return std::unexpected(Errno::noent);
    request = wanted;
    passed_on.clear();
    if (wanted.descriptors != nullptr) {
      const auto slots = wanted.descriptors->slots();
      for (std::uint32_t fd = 0; fd < slots.size(); ++fd) {
        if (slots[fd].open) passed_on.push_back(fd);
      }
    }
    return {};
  }
  static std::unexpected<Errno> again() { return std::unexpected(Errno::again); }
};

}  // namespace brink::wasi::testing
