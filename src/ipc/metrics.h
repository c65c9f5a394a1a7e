#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/units.h"

namespace brink::ipc {

/// Only goes up; outlives the worker that counted.
enum class Counter : std::uint8_t {
  connections_accepted,
  connections_refused,
  accept_pauses,
  tls_handshakes_failed,
  requests_total,
  responses_1xx,
  responses_2xx,
  responses_3xx,
  responses_4xx,
  responses_5xx,
  request_bytes,
  response_bytes,
  queue_rejected,
  queue_timed_out,
  spool_rejected,
  guest_instances,
  guest_traps,
  guest_failures,
  guest_limit_hits,
  modules_loaded,
  log_lines_dropped,
  kCount,
};

/// The counter of answers with that status (100 to 599).
Counter response_class(std::uint16_t status) noexcept;

/// What is there now; a dead worker's part is struck out.
enum class Gauge : std::uint8_t {
  connections_open,
  requests_active,
  requests_queued,
  guests_running,
  spooled_bytes,
  modules_resident,
  kCount,
};

enum class Timing : std::uint8_t { request_seconds, queue_seconds, guest_seconds, kCount };

inline constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::kCount);
inline constexpr std::size_t kGauges = static_cast<std::size_t>(Gauge::kCount);
inline constexpr std::size_t kTimings = static_cast<std::size_t>(Timing::kCount);

/// Upper bounds of the histogram buckets; one more bucket holds what is longer.
inline constexpr std::array<Duration, 16> kTimingBounds = {
    std::chrono::microseconds(25),   std::chrono::microseconds(50),  std::chrono::microseconds(100),
    std::chrono::microseconds(250),  std::chrono::microseconds(500), std::chrono::milliseconds(1),
    std::chrono::microseconds(2500), std::chrono::milliseconds(5),   std::chrono::milliseconds(10),
    std::chrono::milliseconds(25),   std::chrono::milliseconds(50),  std::chrono::milliseconds(100),
    std::chrono::milliseconds(250),  std::chrono::seconds(1),        std::chrono::seconds(5),
    std::chrono::seconds(30)};
inline constexpr std::size_t kTimingBuckets = kTimingBounds.size() + 1;

/// Exposition names, "brink_requests_total"; stable, listed in a golden test.
std::string_view name(Counter counter) noexcept;
std::string_view name(Gauge gauge) noexcept;
std::string_view name(Timing timing) noexcept;

/// What each of them means, in half a line for people.
std::string_view help(Counter counter) noexcept;
std::string_view help(Gauge gauge) noexcept;
std::string_view help(Timing timing) noexcept;

/// One seat's numbers in shared memory; all relaxed.
struct alignas(64) MetricBlock {
  std::array<std::atomic<std::uint64_t>, kCounters> counters;
  std::array<std::atomic<std::int64_t>, kGauges> gauges;
  struct Histogram {
    std::array<std::atomic<std::uint64_t>, kTimingBuckets> buckets;  ///< not cumulative
    std::atomic<std::uint64_t> sum_ns;
  };
  std::array<Histogram, kTimings> timings;
};

/// The writer's side: the one process on a seat, one thread, hence plain additions
/// instead of locked ones (about 1 ns each). A page may be compromised by another
/// worker: the numbers are then wrong, nothing else.
class Metrics {
 public:
  explicit Metrics(MetricBlock& block) noexcept : block_(&block) {}

  void add(Counter counter, std::uint64_t n = 1) noexcept {
    bump(block_->counters[static_cast<std::size_t>(counter)], n);
  }
  void change(Gauge gauge, std::int64_t by) noexcept {
    auto& cell = block_->gauges[static_cast<std::size_t>(gauge)];
    const auto sum = static_cast<std::uint64_t>(cell.load(std::memory_order_relaxed)) +
                     static_cast<std::uint64_t>(by);
    cell.store(static_cast<std::int64_t>(sum), std::memory_order_relaxed);
  }
  /// A negative duration counts as zero.
  void observe(Timing timing, Duration duration) noexcept;

 private:
  static void bump(std::atomic<std::uint64_t>& cell, std::uint64_t n) noexcept {
    cell.store(cell.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  MetricBlock* block_;
};

/// The sum over all seats at about one instant.
struct MetricTotals {
  std::array<std::uint64_t, kCounters> counters{};
  std::array<std::int64_t, kGauges> gauges{};
  struct Histogram {
    std::array<std::uint64_t, kTimingBuckets> buckets{};
    std::uint64_t sum_ns = 0;
  };
  std::array<Histogram, kTimings> timings{};

  [[nodiscard]] std::uint64_t operator[](Counter counter) const noexcept {
    return counters[static_cast<std::size_t>(counter)];
  }
  [[nodiscard]] std::int64_t operator[](Gauge gauge) const noexcept {
    return gauges[static_cast<std::size_t>(gauge)];
  }
  [[nodiscard]] const Histogram& operator[](Timing timing) const noexcept {
    return timings[static_cast<std::size_t>(timing)];
  }
};

MetricTotals sum_metrics(std::span<const MetricBlock> blocks) noexcept;

/// The node, after the process on the block's seat has been reaped: what was there
/// has gone; what was counted stays.
void clear_gauges(MetricBlock& block) noexcept;

}  // namespace brink::ipc
