#include "worker/cpu_meter.h"

#include <gtest/gtest.h>

namespace brink::worker {
namespace {

using namespace std::chrono_literals;

TEST(CpuMeter, AddsUpSlicesAndNothingBetweenThem) {
  ManualClock clock;
  CpuMeter meter(clock);
  meter.begin_slice();
  clock.advance(2ms);
  meter.end_slice();
  clock.advance(100ms);
  meter.begin_slice();
  clock.advance(3ms);
  meter.end_slice();
  EXPECT_EQ(meter.used(), 5ms);
  meter.reset();
  EXPECT_EQ(meter.used(), 0ms);
}

TEST(CpuMeter, CountsOnlyTheThreadsOwnTimeOnceItMeasuresExactly) {
  ManualClock clock;
  CpuMeter meter(clock);
  meter.measure_exactly();
  meter.begin_slice();
  clock.advance(10s);
  meter.end_slice();
  EXPECT_LT(meter.used(), 5s);
  meter.begin_slice();
  for (volatile int i = 0; i < 100'000; i = i + 1) {
  }
  meter.end_slice();
  EXPECT_GT(meter.used(), 0ms);
}

}  // namespace
}  // namespace brink::worker
