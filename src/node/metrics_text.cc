#include "node/metrics_text.h"

#include <fmt/format.h>

namespace brink::node {
namespace {

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

void add_one(std::string& out, std::string_view name, std::string_view type, std::string_view help,
             auto value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type,
                 help, value);
}

void add_histogram(std::string& out, std::string_view name, std::string_view help,
                   const ipc::MetricTotals::Histogram& histogram) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} histogram\n", name, help);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < ipc::kTimingBounds.size(); ++i) {
    cumulative += histogram.buckets[i];
    fmt::format_to(std::back_inserter(out), "{}_bucket{{le=\"{:g}\"}} {}\n", name,
                   seconds(ipc::kTimingBounds[i]), cumulative);
  }
  cumulative += histogram.buckets[ipc::kTimingBounds.size()];
  fmt::format_to(std::back_inserter(out),
                 "{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2:.9g}\n{0}_count {1}\n", name,
                 cumulative, seconds(Duration(static_cast<std::int64_t>(histogram.sum_ns))));
}

}  // namespace

std::string metrics_text(const ipc::MetricTotals& totals, const NodeNumbers& node) {
  std::string out;
  for (std::size_t i = 0; i < ipc::kCounters; ++i) {
    const auto counter = static_cast<ipc::Counter>(i);
    add_one(out, name(counter), "counter", help(counter), totals[counter]);
  }
  for (std::size_t i = 0; i < ipc::kGauges; ++i) {
    const auto gauge = static_cast<ipc::Gauge>(i);
    add_one(out, name(gauge), "gauge", help(gauge), totals[gauge]);
  }
  for (std::size_t i = 0; i < ipc::kTimings; ++i) {
    const auto timing = static_cast<ipc::Timing>(i);
    add_histogram(out, name(timing), help(timing), totals[timing]);
  }
  add_one(out, "brink_workers", "gauge", "worker processes", node.workers);
  add_one(out, "brink_worker_restarts_total", "counter", "workers replaced after their death",
          node.restarts);
  add_one(out, "brink_instances_admitted", "gauge", "instances that hold a permit",
          node.permits_held);
  add_one(out, "brink_instance_memory_reserved_bytes", "gauge",
          "of limits.memory_sum, reserved by all workers", node.memory_bytes);
  return out;
}

}  // namespace brink::node
