#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/admission.h"
#include "ipc/memory_ledger.h"
#include "ipc/metrics.h"
#include "ipc/permits.h"
#include "ipc/seat.h"
#include "ipc/waiting_line.h"
#include "ipc/wakers.h"

namespace brink::ipc {

/// How many of each there are; fixed for the life of a page. Untouched parts cost
/// address space only, so reserve for apps to come.
struct PageLayout {
  std::uint32_t seats = 0;            ///< 1 to kMaxSeats
  std::uint32_t apps = 0;             ///< 1 to 65,536
  std::uint32_t permits_per_app = 0;  ///< 1 to 65,536; each app's limit is set apart
  bool operator==(const PageLayout&) const = default;
};

/// The memory that the node and its workers share: admissions, waiting lines and
/// memory of each app, memory of the node, and every seat's metrics. A memory file
/// of sealed size, mapped by all; the node keeps it over restarts of workers.
///
/// Each process trusts only its own copy of the layout: a compromised worker can
/// write nonsense, and with it unsettle limits and numbers, but lead no reader
/// outside of the mapping. Move-only; views taken from it must not outlive it.
class SharedPage {
 public:
  /// The node: all zero, all limits 0.
  static Result<SharedPage> create(const PageLayout& layout);

  /// A worker: maps what create made. Refuses a file of another kind, version, or
  /// size, and one whose size is not sealed.
  static Result<SharedPage> attach(UniqueFd memory);

  SharedPage(SharedPage&& other) noexcept;
  SharedPage& operator=(SharedPage&& other) noexcept;
  ~SharedPage();

  [[nodiscard]] int fd() const noexcept { return memory_.get(); }
  [[nodiscard]] const PageLayout& layout() const noexcept { return layout_; }

  /// Views. `app` must be below layout().apps, `seat` below layout().seats (checked).
  [[nodiscard]] Permits permits(std::uint32_t app) const noexcept;
  [[nodiscard]] WaitingLine line(std::uint32_t app) const noexcept;
  [[nodiscard]] Admission admission(std::uint32_t app, Seat seat,
                                    const Wakers& wakers) const noexcept;
  [[nodiscard]] MemoryLedger app_memory(std::uint32_t app) const noexcept;
  [[nodiscard]] MemoryLedger node_memory() const noexcept;
  [[nodiscard]] MetricBlock& metrics(std::uint32_t seat) const noexcept;
  [[nodiscard]] std::span<const MetricBlock> all_metrics() const noexcept;

  /// An admission that outlived its worker.
  struct Orphan {
    std::uint32_t app = 0;
    Permit permit;
  };

  /// The node, after the process on `seat` has been reaped and before the seat is
  /// used again: frees its permits, memory, places in line and gauges, and wakes
  /// those who wait for them. Returns the permits of requests that had been handed
  /// over; each ends with Permits::release_orphan. O(apps * permits_per_app) over
  /// the first `apps_in_use` apps.
  std::vector<Orphan> free_seat(Seat seat, const Wakers& wakers, std::uint32_t apps_in_use);

 private:
  struct AppState;
  struct Places;

  SharedPage(UniqueFd memory, std::byte* base, std::size_t size, PageLayout layout) noexcept;

  [[nodiscard]] AppState& app_state(std::uint32_t app) const noexcept;
  void unmap() noexcept;

  UniqueFd memory_;
  std::byte* base_ = nullptr;
  std::size_t size_ = 0;
  PageLayout layout_;
};

}  // namespace brink::ipc
