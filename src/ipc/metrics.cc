#include "ipc/metrics.h"

#include <algorithm>

namespace brink::ipc {
namespace {

constexpr std::array<std::string_view, kCounters> kCounterNames = {
    "brink_connections_accepted_total",
    "brink_connections_refused_total",
    "brink_accept_pauses_total",
    "brink_tls_handshakes_failed_total",
    "brink_requests_total",
    "brink_responses_1xx_total",
    "brink_responses_2xx_total",
    "brink_responses_3xx_total",
    "brink_responses_4xx_total",
    "brink_responses_5xx_total",
    "brink_request_bytes_total",
    "brink_response_bytes_total",
    "brink_queue_rejected_total",
    "brink_queue_timed_out_total",
    "brink_spool_rejected_total",
    "brink_guest_instances_total",
    "brink_guest_traps_total",
    "brink_guest_failures_total",
    "brink_guest_limit_hits_total",
    "brink_modules_loaded_total",
    "brink_log_lines_dropped_total",
};
constexpr std::array<std::string_view, kGauges> kGaugeNames = {
    "brink_connections_open", "brink_requests_active",    "brink_requests_queued",
    "brink_guests_running",   "brink_spooled_body_bytes", "brink_modules_resident",
};
constexpr std::array<std::string_view, kTimings> kTimingNames = {
    "brink_request_seconds", "brink_queue_seconds", "brink_guest_seconds"};

constexpr std::array<std::string_view, kCounters> kCounterHelp = {
    "connections taken from the listening sockets",
    "connections closed at once because a worker has all it can hold",
    "times that a worker stopped accepting for want of descriptors or memory",
    "TLS handshakes that came to nothing",
    "requests whose head was read",
    "answers of status 1xx",
    "answers of status 2xx",
    "answers of status 3xx",
    "answers of status 4xx",
    "answers of status 5xx",
    "bytes of request bodies received",
    "bytes of answers sent to clients",
    "requests refused because the queue was full",
    "requests refused because they had waited too long",
    "requests refused because too many bodies were being kept",
    "instances created",
    "instances that ended with a trap",
    "instances that failed in any other way",
    "instances ended by one of their limits",
    "programs loaded into a worker",
    "log lines lost because the node did not take them in time",
};
constexpr std::array<std::string_view, kGauges> kGaugeHelp = {
    "connections open",
    "requests under way, those that wait included",
    "requests that wait for an instance",
    "instances that run",
    "request bodies of unknown length that are being kept",
    "programs that workers have loaded",
};
constexpr std::array<std::string_view, kTimings> kTimingHelp = {
    "time of a request from its head to the end of its answer",
    "time that requests waited for an instance",
    "processor time of an instance",
};

static_assert(!kCounterHelp.back().empty() && !kGaugeHelp.back().empty() &&
              !kTimingHelp.back().empty());
static_assert(!kCounterNames.back().empty() && !kGaugeNames.back().empty() &&
              !kTimingNames.back().empty());

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

Counter response_class(std::uint16_t status) noexcept {
  switch (status / 100) {
    case 1:
      return Counter::responses_1xx;
    case 2:
      return Counter::responses_2xx;
    case 3:
      return Counter::responses_3xx;
    case 4:
      return Counter::responses_4xx;
    default:
      return Counter::responses_5xx;
  }
}

std::string_view name(Counter counter) noexcept {
  return kCounterNames[static_cast<std::size_t>(counter)];
}
std::string_view name(Gauge gauge) noexcept { return kGaugeNames[static_cast<std::size_t>(gauge)]; }
std::string_view name(Timing timing) noexcept {
  return kTimingNames[static_cast<std::size_t>(timing)];
}

std::string_view help(Counter counter) noexcept {
  return kCounterHelp[static_cast<std::size_t>(counter)];
}
std::string_view help(Gauge gauge) noexcept { return kGaugeHelp[static_cast<std::size_t>(gauge)]; }
std::string_view help(Timing timing) noexcept {
  return kTimingHelp[static_cast<std::size_t>(timing)];
}

void Metrics::observe(Timing timing, Duration duration) noexcept {
  const Duration value = std::max(duration, Duration::zero());
  const auto bucket = std::ranges::lower_bound(kTimingBounds, value) - kTimingBounds.begin();
  auto& histogram = block_->timings[static_cast<std::size_t>(timing)];
  bump(histogram.buckets[static_cast<std::size_t>(bucket)], 1);
  bump(histogram.sum_ns, static_cast<std::uint64_t>(value.count()));
}

MetricTotals sum_metrics(std::span<const MetricBlock> blocks) noexcept {
  MetricTotals totals;
  for (const MetricBlock& block : blocks) {
    for (std::size_t i = 0; i < kCounters; ++i) {
      totals.counters[i] += block.counters[i].load(kRelaxed);
    }
    for (std::size_t i = 0; i < kGauges; ++i) {
      // Unsigned addition: nonsense from a broken worker must not overflow.
      totals.gauges[i] =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(totals.gauges[i]) +
                                    static_cast<std::uint64_t>(block.gauges[i].load(kRelaxed)));
    }
    for (std::size_t i = 0; i < kTimings; ++i) {
      totals.timings[i].sum_ns += block.timings[i].sum_ns.load(kRelaxed);
      for (std::size_t k = 0; k < kTimingBuckets; ++k) {
        totals.timings[i].buckets[k] += block.timings[i].buckets[k].load(kRelaxed);
      }
    }
  }
  return totals;
}

void clear_gauges(MetricBlock& block) noexcept {
  for (auto& gauge : block.gauges) gauge.store(0, kRelaxed);
}

}  // namespace brink::ipc
