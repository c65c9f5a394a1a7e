// open_loop PORT TARGET RATE SECONDS CONNECTIONS: one line of figures as JSON.
#include <cstdio>
#include <cstdlib>

#include "open_loop.h"

int main(int argc, char** argv) {
  using namespace brink::bench;
  if (argc != 6) {
    std::fputs("usage: open_loop PORT TARGET RATE SECONDS CONNECTIONS\n", stderr);
    return 2;
  }
  LoadPlan plan;
  plan.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  plan.target = argv[2];
  plan.rate = std::atof(argv[3]);
  plan.duration = std::chrono::seconds(std::atoi(argv[4]));
  plan.connections = static_cast<unsigned>(std::atoi(argv[5]));
  const auto result = run_open_loop(plan);
  if (!result) {
    std::fprintf(stderr, "error: %s\n", result.error().text().c_str());
    return 1;
  }
  const auto us = [&](double fraction) {
    return static_cast<double>(result->latency.at(fraction)) / 1000;
  };
  std::printf(
      R"({"p50_us": %.1f, "p90_us": %.1f, "p99_us": %.1f, "p999_us": %.1f, "max_us": %.1f, )"
      R"("good": %llu, "bad": %llu, "errors": %llu, "unsent": %llu, "peak_backlog": %llu})"
      "\n",
      us(0.5), us(0.9), us(0.99), us(0.999), static_cast<double>(result->latency.max()) / 1000,
      static_cast<unsigned long long>(result->good), static_cast<unsigned long long>(result->bad),
      static_cast<unsigned long long>(result->errors),
      static_cast<unsigned long long>(result->unsent),
      static_cast<unsigned long long>(result->peak_backlog));
  return 0;
}
