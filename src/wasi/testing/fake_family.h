#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "wasi/family.h"

namespace brink::wasi::testing {

/// A process with threads that the test decides on, and no other processes.
class FakeFamily final : public Family {
 public:
  [[nodiscard]] std::uint32_t pid() const noexcept override { return 7; }
  [[nodiscard]] std::uint32_t parent() const noexcept override { return 0; }
  Outcome<std::uint32_t> fork(wasm::HostCall& /*call*/) override { return again(); }
  Outcome<std::uint32_t> spawn(const ProgramRequest& /*request*/) override { return again(); }
  Outcome<void> replace(const ProgramRequest& /*request*/) override { return again(); }
  Outcome<std::uint32_t> reserve_child() override { return again(); }
  void end_reserved(std::uint32_t /*pid*/, ProcessExit /*exit*/) override {}
  Outcome<std::optional<EndedChild>> reap(std::optional<std::uint32_t> /*pid*/) override {
    return std::unexpected(Errno::child);
  }
  void await_child(wasm::WaitSet& /*wait*/) noexcept override {}
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
  std::uint32_t next = 8;
  std::uint32_t ended = 0;
  std::set<std::uint32_t> running;
  std::vector<std::uint32_t> records;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> signalled;  ///< thread, signal
  std::vector<std::pair<std::uint32_t, std::uint32_t>> killed;     ///< process, signal

 private:
  static std::unexpected<Errno> again() { return std::unexpected(Errno::again); }
};

}  // namespace brink::wasi::testing
