#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace brink::wasm {

/// What a host call awaits before it is worth attempting again. Filled by an
/// attempt, read by the executor: a worker suspends the guest's fiber until one
/// of these happens, an app process sits in ppoll. Any one of them ends the wait.
class WaitSet {
 public:
  struct Interest {
    int fd;
    short events;  ///< POLLIN, POLLOUT as for poll(2)
  };

  /// Awaits poll(2) events on a kernel descriptor, which must stay open.
  void on_fd(int fd, short events) { interests_.push_back({fd, events}); }

  /// Awaits bytes, or the end, of the program's standard input stream, where
  /// that is not a kernel descriptor (the request body in a worker).
  void on_input() { input_ = true; }

  /// Awaits room in the program's standard output stream, as on_input.
  void on_output() { output_ = true; }

  /// Awaits a wake-up on a word of memory (futex(2), FUTEX_WAKE of this process) as
  /// long as the word holds `expected`. At most one word; nothing else is awaited
  /// beside it but a point in time. `word` must stay mapped.
  struct Futex {
    const std::uint32_t* word = nullptr;
    std::uint32_t expected = 0;
    enum class Scope : std::uint8_t { process, family } scope = Scope::process;
  };
  void on_futex(const Futex& futex) { futex_ = futex; }

  /// Awaits an answer of whoever does what waits for a disk (wasi::Disk).
  void on_disk() { disk_ = true; }

  /// Awaits a point in time. Of several, the earliest counts.
  void until(MonotonicTime deadline) {
    if (!deadline_ || deadline < *deadline_) deadline_ = deadline;
  }

  /// Awaits nothing: the attempt has done as much as one may, so that others get
  /// their turn. The executor repeats it soon.
  void yield() { yields_ = true; }

  /// Nothing at all is awaited: the guest waits for memory.
  [[nodiscard]] bool empty() const {
    return interests_.empty() && !input_ && !output_ && !disk_ && !yields_ && !deadline_ &&
           futex_.word == nullptr;
  }

  void clear() {
    interests_.clear();
    input_ = output_ = disk_ = yields_ = false;
    futex_ = {};
    deadline_.reset();
  }

  [[nodiscard]] const std::vector<Interest>& interests() const { return interests_; }
  [[nodiscard]] bool awaits_input() const { return input_; }
  [[nodiscard]] bool awaits_output() const { return output_; }
  [[nodiscard]] bool awaits_disk() const { return disk_; }
  [[nodiscard]] bool yields() const { return yields_; }
  /// With a word of null: none.
  [[nodiscard]] const Futex& futex() const { return futex_; }
  [[nodiscard]] const std::optional<MonotonicTime>& deadline() const { return deadline_; }

 private:
  std::vector<Interest> interests_;
  std::optional<MonotonicTime> deadline_;
  Futex futex_;
  bool input_ = false;
  bool output_ = false;
  bool disk_ = false;
  bool yields_ = false;
};

}  // namespace brink::wasm
