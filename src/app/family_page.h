#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "wasi/files/quota.h"

namespace brink::app {

/// The most processes in one family, whatever its limit.
inline constexpr std::uint32_t kMostProcesses = 512;

/// What init and the guest processes of a family share: memory that each of them
/// inherits. Only wake-ups and marks go through it; what is true of a process, init
/// alone knows, so that nothing a guest process might write here misleads it.
struct FamilyPage {
  /// One per process that exists; its index goes with the process.
  struct Slot {
    /// A futex: changed, and its waiters woken, whenever a child of the process ends.
    std::atomic<std::uint32_t> child_ends{0};
    std::atomic<std::uint32_t> parent{0};
    /// Signals (bit = number) that the process has still to look at.
    std::atomic<std::uint64_t> pending{0};
  };
  Slot slots[kMostProcesses];
  wasi::files::QuotaCounters scratch;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<std::uint64_t>::is_always_lock_free);

/// The mapping, shared with every process forked while it exists. Movable.
class FamilyMemory {
 public:
  /// Fails with resource_exhausted.
  static Result<FamilyMemory> create();
  FamilyMemory(FamilyMemory&& other) noexcept;
  FamilyMemory& operator=(FamilyMemory&&) = delete;
  ~FamilyMemory();

  [[nodiscard]] FamilyPage& page() const noexcept { return *page_; }

 private:
  explicit FamilyMemory(FamilyPage* page) : page_(page) {}
  FamilyPage* page_;
};

/// Says that a child of the process in `slot` has ended.
void announce_child_end(FamilyPage::Slot& slot) noexcept;

}  // namespace brink::app
