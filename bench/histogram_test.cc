#include "histogram.h"

#include <gtest/gtest.h>

namespace brink::bench {
namespace {

TEST(Histogram, IsZeroWhenNothingWasAdded) {
  const Histogram histogram;
  EXPECT_EQ(histogram.at(0.5), 0u);
  EXPECT_EQ(histogram.max(), 0u);
}

TEST(Histogram, KeepsPercentilesWithinOneSixtyFourth) {
  Histogram histogram;
  for (std::uint64_t us = 1; us <= 100000; ++us) histogram.add(us * 1000);
  for (const double fraction : {0.01, 0.5, 0.99, 0.999}) {
    const double exact = fraction * 100000 * 1000;
    EXPECT_NEAR(static_cast<double>(histogram.at(fraction)), exact, exact / 64 + 1000);
  }
  EXPECT_EQ(histogram.at(1.0), histogram.max());
}

TEST(Histogram, NeverNamesMoreThanTheLargestValue) {
  Histogram histogram;
  histogram.add(1'000'001);
  EXPECT_EQ(histogram.at(0.5), 1'000'001u);
}

TEST(Histogram, TakesTheLargestValueThereIs) {
  Histogram histogram;
  histogram.add(~std::uint64_t{0});
  histogram.add(0);
  EXPECT_EQ(histogram.max(), ~std::uint64_t{0});
  EXPECT_EQ(histogram.total(), 2u);
  EXPECT_EQ(histogram.at(0.5), 0u);
}

}  // namespace
}  // namespace brink::bench
