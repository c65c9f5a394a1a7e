#include "node/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace brink::node {
namespace {

using testing::HasSubstr;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// Dashboards and alerts name these: one that goes or changes its type breaks them.
constexpr const char* kNames = R"(brink_connections_accepted_total counter
brink_connections_refused_total counter
brink_accept_pauses_total counter
brink_tls_handshakes_failed_total counter
brink_requests_total counter
brink_responses_1xx_total counter
brink_responses_2xx_total counter
brink_responses_3xx_total counter
brink_responses_4xx_total counter
brink_responses_5xx_total counter
brink_request_bytes_total counter
brink_response_bytes_total counter
brink_queue_rejected_total counter
brink_queue_timed_out_total counter
brink_spool_rejected_total counter
brink_guest_instances_total counter
brink_guest_traps_total counter
brink_guest_failures_total counter
brink_guest_limit_hits_total counter
brink_modules_loaded_total counter
brink_log_lines_dropped_total counter
brink_connections_open gauge
brink_requests_active gauge
brink_requests_queued gauge
brink_guests_running gauge
brink_spooled_body_bytes gauge
brink_modules_resident gauge
brink_request_seconds histogram
brink_queue_seconds histogram
brink_guest_seconds histogram
brink_workers gauge
brink_worker_restarts_total counter
brink_instances_admitted gauge
brink_instance_memory_reserved_bytes gauge
)";

TEST(MetricsText, HasTheseNamesAndTypes) {
  std::string found;
  for (const std::string& line : lines(metrics_text({}, {}))) {
    if (line.starts_with("# TYPE ")) found += line.substr(7) + "\n";
  }
  EXPECT_EQ(found, kNames);
}

TEST(MetricsText, EverySeriesHasAHelpAndATypeBeforeIt) {
  std::set<std::string> helped;
  std::set<std::string> typed;
  for (const std::string& line : lines(metrics_text({}, {}))) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string name;
    words >> first;
    if (first == "#") {
      std::string text;
      words >> second >> name;
      std::getline(words, text);
      EXPECT_GT(text.size(), 4U) << line;
      EXPECT_TRUE((second == "HELP" ? helped : typed).insert(name).second) << "twice: " << line;
      continue;
    }
    name = first.substr(0, first.find('{'));
    if (!typed.contains(name)) name = name.substr(0, name.rfind('_'));
    EXPECT_TRUE(typed.contains(name) && helped.contains(name)) << line;
  }
  EXPECT_EQ(helped, typed);
}

TEST(MetricsText, ShowsTheNumbers) {
  ipc::MetricTotals totals;
  totals.counters[static_cast<std::size_t>(ipc::Counter::requests_total)] = 42;
  totals.gauges[static_cast<std::size_t>(ipc::Gauge::connections_open)] = -1;
  const std::string text =
      metrics_text(totals, {.workers = 2, .restarts = 3, .permits_held = 4, .memory_bytes = 5});
  for (const char* line :
       {"\nbrink_requests_total 42\n", "\nbrink_connections_open -1\n", "\nbrink_workers 2\n",
        "\nbrink_worker_restarts_total 3\n", "\nbrink_instances_admitted 4\n",
        "\nbrink_instance_memory_reserved_bytes 5\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsText, BucketsAreCumulativeAndEndWithAllOfThem) {
  ipc::MetricTotals totals;
  auto& histogram = totals.timings[static_cast<std::size_t>(ipc::Timing::request_seconds)];
  histogram.buckets.front() = 2;
  histogram.buckets[3] = 3;
  histogram.buckets.back() = 1;
  histogram.sum_ns = 1'500'000'000;
  const std::string text = metrics_text(totals, {});
  EXPECT_THAT(text, HasSubstr("brink_request_seconds_bucket{le=\"2.5e-05\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("brink_request_seconds_bucket{le=\"0.0001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("brink_request_seconds_bucket{le=\"0.00025\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("brink_request_seconds_bucket{le=\"30\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("brink_request_seconds_bucket{le=\"+Inf\"} 6\n"
                              "brink_request_seconds_sum 1.5\n"
                              "brink_request_seconds_count 6\n"));
}

}  // namespace
}  // namespace brink::node
