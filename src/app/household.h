#pragma once

#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/family_plan.h"
#include "app/family_table.h"
#include "base/clock.h"

namespace brink::app {

/// init's work: answers guest processes, notes their ends, forks fresh ones. One
/// thread, no waiting but in one place.
class Household {
 public:
  /// `plan` is not owned. All processes of the family must be forked from here.
  Household(FamilyPlan& plan, const Clock& clock);
  ~Household();  ///< ends all processes of the family
  Household(const Household&) = delete;
  Household& operator=(const Household&) = delete;

  /// Takes over the signals and forks the first process.
  Result<void> begin();

  /// How the first process's start went.
  struct First {
    std::optional<Error> failure;
  };
  Result<First> await_first();

  /// Until the first process has ended or the time is up: the exit code.
  int run();

 private:
  /// A guest process's end of its channel; there may be two of one process for a
  /// moment, while its number moves.
  struct Connection {
    std::uint32_t pid = 0;
    FamilyChannel channel;
    bool first = false;  ///< of the family's first start
  };

  void turn();
  void on_signals();
  void on_connection(Connection& connection);
  void handle(Connection& connection, const FamilyRequest& request, std::vector<UniqueFd> fds);
  void note(Connection& connection, const FamilyRequest& request);
  FamilyReply begin_fork(const Connection& connection, std::vector<UniqueFd> fds);
  void forked(const Connection& connection, const Forked& message);
  FamilyReply start(const Connection& connection, Launch launch, std::vector<UniqueFd> fds);
  FamilyReply reserve(const Connection& connection);
  FamilyReply reap(const Connection& connection, const Reap& request);
  FamilyReply kill(const Kill& request);
  void started(Connection& connection, const Started& message);

  wasi::Outcome<void> fork_fresh(FamilyTable::Process& process, std::optional<Launch> launch,
                                 std::vector<UniqueFd> fds);
  void signal(const FamilyTable::Process& process, std::uint32_t number);
  void reap_host();
  void ended(std::uint32_t pid, wasi::ProcessExit exit);
  void end_all() noexcept;
  FamilyPage::Slot& slot_of(const FamilyTable::Process& process) const;

  FamilyPlan& plan_;
  const Clock& clock_;
  FamilyTable table_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> replaced_;  ///< host processes whose number has moved, until they end
  UniqueFd signals_;
  sigset_t before_{};
  std::optional<MonotonicTime> deadline_;
  std::optional<First> first_;
  std::optional<int> exit_;
};

}  // namespace brink::app
