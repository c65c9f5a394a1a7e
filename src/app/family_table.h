#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "wasi/errno.h"
#include "wasi/family.h"

namespace brink::app {

/// The processes of a family as their guests know them: numbers, parents, and the
/// ends that nobody has asked for yet. No system calls; init's only.
///
/// Children of a process that ends belong to nobody: what is left of them when they
/// end is forgotten at once, as init(8) does.
class FamilyTable {
 public:
  struct Process {
    enum class State : std::uint8_t {
      reserved,  ///< a number only: a vfork without a process, or a fork under way
      running,
      ended,  ///< its parent has still to take note
    };
    std::uint32_t pid = 0;
    std::uint32_t parent = 0;  ///< 0: none
    std::uint32_t slot = 0;    ///< no other process has the same
    State state = State::reserved;
    std::uint32_t host_pid = 0;             ///< 0: none
    std::optional<wasi::ProcessExit> said;  ///< how it says that it ends
    wasi::ProcessExit exit{};
  };

  /// `most`: processes at a time, whatever their state.
  explicit FamilyTable(std::uint32_t most) : slots_(most) {}

  /// A new number. AGAIN at the limit.
  wasi::Outcome<std::uint32_t> add(std::uint32_t parent);
  /// Undoes add().
  void withdraw(std::uint32_t pid);

  [[nodiscard]] Process* find(std::uint32_t pid) noexcept;
  [[nodiscard]] Process* find_host(std::uint32_t host_pid) noexcept;

  /// A process has ended. Returns the parent that has to be told, 0 for none.
  std::uint32_t end(std::uint32_t pid, wasi::ProcessExit exit);

  /// waitpid(2) with WNOHANG. AGAIN while a child runs, CHILD without any.
  wasi::Outcome<wasi::EndedChild> reap(std::uint32_t parent, std::optional<std::uint32_t> pid);

  [[nodiscard]] const std::map<std::uint32_t, Process>& processes() const { return processes_; }

 private:
  void drop(std::map<std::uint32_t, Process>::iterator place);

  std::map<std::uint32_t, Process> processes_;
  std::vector<bool> slots_;
  std::uint32_t last_pid_ = 0;
};

}  // namespace brink::app
