#pragma once

#include <cstdint>
#include <string>

#include "ipc/metrics.h"

namespace brink::node {

/// What the node adds to its workers' numbers.
struct NodeNumbers {
  std::uint64_t workers = 0;
  std::uint64_t restarts = 0;
  std::uint32_t permits_held = 0;
  std::uint64_t memory_bytes = 0;
};

/// All metrics in the Prometheus text exposition format 0.0.4.
std::string metrics_text(const ipc::MetricTotals& totals, const NodeNumbers& node);

}  // namespace brink::node
