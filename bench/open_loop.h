#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "histogram.h"

namespace brink::bench {

struct LoadPlan {
  std::uint16_t port = 0;    ///< on 127.0.0.1
  std::string target = "/";  ///< path and query
  double rate = 1000;        ///< requests per second over all connections
  std::chrono::seconds duration{10};
  std::chrono::seconds warmup{1};  ///< sent before, at the same rate, not counted
  unsigned connections = 16;
};

struct LoadResult {
  Histogram latency;         ///< ns, from the intended send time to the last byte
  std::uint64_t good = 0;    ///< 2xx, counted part only
  std::uint64_t bad = 0;     ///< any other status
  std::uint64_t errors = 0;  ///< broken connections and answers
  std::uint64_t unsent = 0;  ///< due, but no connection was free until the end
  std::uint64_t peak_backlog = 0;
};

/// Sends GET requests at a fixed rate, whatever the answers do: request i is due
/// at i/rate, and its latency counts from then, also when every connection was
/// busy at that moment. (A closed loop, as wrk's, would wait with the server and
/// hide its pauses.) One thread that spins: give it a CPU of its own. Fails when
/// the server cannot be reached.
Result<LoadResult> run_open_loop(const LoadPlan& plan);

}  // namespace brink::bench
