#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/files/quota.h"
#include "wasi/files/scratch_home.h"

namespace brink::wasi::files {

/// The scratch directory of one instance. It exists from construction to
/// destruction of this object, in the home's directory, and is removed by the
/// process that made it (not by a fork of it). All of what is known about names
/// is on the disk, so that forks of a process share it:
///
///   u/       the upper tree: what the guest wrote, at the guest's paths
///   w.<key>  an empty file, a whiteout: nothing of the lower layers is seen at
///            the guest path of that key (path_key.h), or below it
///   o.<ino>  a file that has lost its last name while some handle is open
///   c.<key>  a lower file, copied so far
///
/// A whiteout stays for good: a directory made in its place is opaque. A handle of
/// a file in u/ holds a shared flock, so the kernel knows which are open, whatever
/// becomes of the processes that opened them. Thread-safe.
class Scratch {
 public:
  /// `shared` outlives this; null: counters of its own, for a single process.
  static Outcome<std::unique_ptr<Scratch>> create(ScratchHome& home, QuotaLimits limits,
                                                  QuotaCounters* shared);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] int top() const noexcept { return top_.get(); }
  [[nodiscard]] int upper() const noexcept { return upper_.get(); }
  [[nodiscard]] Quota& quota() noexcept { return quota_; }
  /// What is in use now.
  [[nodiscard]] std::uint64_t bytes() const { return quota_.bytes(); }
  [[nodiscard]] std::uint64_t inodes() const { return quota_.inodes(); }

  /// Both at once or, with ENOSPC, none.
  Outcome<void> take(const Quota::Lock& held, std::uint64_t bytes, std::uint64_t inodes);
  void give(const Quota::Lock& held, std::uint64_t bytes, std::uint64_t inodes);

  /// Whether a whiteout is at `name` in the guest directory `directory` ("" is the
  /// root). Without a system call while there is none at all.
  [[nodiscard]] bool is_marked(std::string_view directory, std::string_view name) const;
  [[nodiscard]] bool has_markers() const { return counters().markers.load() != 0; }
  Outcome<void> mark(const Quota::Lock& held, std::string_view directory, std::string_view name);

  /// To be called for every handle of a file below upper() once it is open.
  void opened(const Quota::Lock& held, int descriptor) const;
  /// Closes such a handle.
  void close(UniqueFd descriptor);
  /// Gives back what is only in use by handles that are gone: before ENOSPC.
  void reclaim(const Quota::Lock& held);
  /// How many names a file has, orphans' own name not counted.
  [[nodiscard]] std::uint64_t links_of(const struct stat& file) const;

  /// What goes when a name goes.
  struct Loss {
    std::uint64_t bytes = 0;
    std::uint64_t inodes = 0;
    std::string orphan;  ///< its new name, when it is still open
  };
  enum class Done : std::uint8_t { no, yes };
  /// Before `name`, which is `file`, is removed or replaced.
  Loss losing(const Quota::Lock& held, int directory, const char* name, const struct stat& file);
  /// Afterwards.
  void lost(const Quota::Lock& held, const Loss& loss, Done done);

 private:
  Scratch(ScratchHome& home, std::string name, UniqueFd top, UniqueFd upper, QuotaLimits limits,
          QuotaCounters* shared);
  [[nodiscard]] QuotaCounters& counters() const { return quota_.counters(); }
  void reclaim_orphan(const Quota::Lock& held, const char* name);

  ScratchHome& home_;
  std::string name_;
  UniqueFd top_;
  UniqueFd upper_;
  pid_t owner_;
  std::unique_ptr<QuotaCounters> own_;
  Quota quota_;
};

}  // namespace brink::wasi::files
