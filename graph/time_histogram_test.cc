#include "graph/time_histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

// The smallest value that a share q of all lies at or below.
int64_t ExactQuantile(std::vector<int64_t> values, double q) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

void ExpectNearExact(const TimeHistogram& histogram, const std::vector<int64_t>& values) {
  EXPECT_EQ(histogram.Count(), static_cast<int64_t>(values.size()));
  int64_t sum = 0;
  for (const int64_t value : values) sum += value;
  EXPECT_EQ(histogram.Sum(), sum);
  for (const double q : {0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto exact = static_cast<double>(ExactQuantile(values, q));
    EXPECT_NEAR(static_cast<double>(histogram.Quantile(q)), exact, 0.0625 * exact) << "q = " << q;
  }
}

TEST(TimeHistogramTest, QuantilesLieWithinTheStatedError) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    TimeHistogram histogram;
    std::vector<int64_t> values;
    const size_t size = 1 + random() % 3000;
    // From nanoseconds to hours, in clusters and spread out.
    std::lognormal_distribution<double> spread(static_cast<double>(trial % 20), 0.1 * (trial % 30));
    for (size_t i = 0; i < size; ++i) {
      values.push_back(static_cast<int64_t>(std::min(spread(random), 1e15)));
      histogram.Add(values.back());
    }
    ExpectNearExact(histogram, values);
  }
}

TEST(TimeHistogramTest, EveryBucketBoundaryIsNear) {
  for (int bit = 0; bit < 63; ++bit) {
    for (const int64_t offset : {-1, 0, 1}) {
      const int64_t value = std::max<int64_t>(0, (int64_t{1} << bit) + offset);
      TimeHistogram histogram;
      histogram.Add(value);
      EXPECT_NEAR(static_cast<double>(histogram.Quantile(0.5)), static_cast<double>(value),
                  0.0625 * static_cast<double>(value));
    }
  }
  for (int64_t value = 0; value < 16; ++value) {
    TimeHistogram exact;
    exact.Add(value);
    EXPECT_EQ(exact.Quantile(0.5), value);
  }
}

TEST(TimeHistogramTest, TakesWhatMakesNoSense) {
  TimeHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  histogram.Add(-5);
  EXPECT_EQ(histogram.Count(), 1);
  EXPECT_EQ(histogram.Sum(), 0);
  EXPECT_EQ(histogram.Quantile(2.0), 0);
  histogram.Add(std::numeric_limits<int64_t>::max());
  EXPECT_GT(histogram.Quantile(1.0), std::numeric_limits<int64_t>::max() / 16 * 15);
  EXPECT_EQ(histogram.Quantile(-1.0), 0);
}

TEST(TimeHistogramTest, LosesNothingBetweenThreads) {
  constexpr int kThreads = 4, kEach = 20000;
  TimeHistogram histogram;
  std::vector<std::vector<int64_t>> values(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t, &histogram, &values] {
      std::mt19937_64 random(static_cast<uint64_t>(t));
      for (int i = 0; i < kEach; ++i) {
        values[t].push_back(static_cast<int64_t>(random() % 1000000));
        histogram.Add(values[t].back());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> all;
  for (const auto& part : values) all.insert(all.end(), part.begin(), part.end());
  ExpectNearExact(histogram, all);
}

}  // namespace
}  // namespace diarflow
