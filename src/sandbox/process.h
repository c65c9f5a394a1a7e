#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace brink::sandbox {

/// How a process ended.
class ExitStatus {
 public:
  static ExitStatus exited(int code) noexcept { return {code, 0}; }
  static ExitStatus killed(int signal) noexcept { return {0, signal}; }

  [[nodiscard]] bool success() const noexcept { return signal_ == 0 && code_ == 0; }
  [[nodiscard]] int code() const noexcept { return code_; }      ///< 0 if killed
  [[nodiscard]] int signal() const noexcept { return signal_; }  ///< 0 if it exited

  /// "exit code 3", "killed by SIGKILL", "killed by SIGSYS (a forbidden system call)".
  [[nodiscard]] std::string text() const;

  bool operator==(const ExitStatus&) const = default;

 private:
  ExitStatus(int code, int signal) noexcept : code_(code), signal_(signal) {}
  int code_;
  int signal_;
};

/// What happens to the child when the thread that started it ends.
enum class OnParentDeath : std::uint8_t { live_on, die };

struct SpawnOptions {
  std::vector<std::string> arguments;    ///< argv, [0] included; not empty
  std::vector<std::string> environment;  ///< the whole of it, "NAME=value"
  /// The child's descriptors 3, 4, 5 …, in this order; not owned. Standard input,
  /// output and error are inherited; nothing else is.
  std::vector<int> descriptors;
  OnParentDeath on_parent_death = OnParentDeath::live_on;
  std::string executable = "/proc/self/exe";
};

/// A running child. Dropping it neither kills nor reaps: the pidfd is the handle.
struct Child {
  pid_t pid = -1;
  UniqueFd pidfd;  ///< readable when the child has ended; immune to reused pids
};

/// Starts a program in a process group of its own, with no signal blocked and
/// every handler at its default. Costs the same however large the caller's memory
/// is (vfork; a pool maps terabytes). A failed exec is an error here, not an exit
/// code later. Blocks until the exec, some 500 µs.
Result<Child> spawn(const SpawnOptions& options);

/// The child's side of OnParentDeath::die, again: a change of user undoes it.
/// `parent` is what getppid() said before; fails if it has died since.
Result<void> die_with_parent(pid_t parent);

/// Reaps the child if it has ended; none while it runs.
Result<std::optional<ExitStatus>> try_reap(const Child& child);

/// Waits for the end until `deadline` (CLOCK_MONOTONIC); none if it still runs.
Result<std::optional<ExitStatus>> reap(const Child& child, MonotonicTime deadline);

/// Sends a signal through the pidfd. A child that has ended is not an error.
Result<void> send_signal(const Child& child, int signal);

/// SIGKILL to the child's whole process group.
void kill_group(const Child& child) noexcept;

}  // namespace brink::sandbox
