#include "models/roofline/roofline.h"

#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr double kSeconds = 0.05;

// No core does less than a few operations in a microsecond, or more than 256 in each of 6e9 cycles.
TEST(RooflineTest, RatesAreThoseOfAComputer) {
  for (const int threads : {1, 2}) {
    for (const Operand operand : {Operand::kFloat32, Operand::kBfloat16}) {
      const double gflops = PeakGflops(operand, threads, kSeconds);
      EXPECT_GT(gflops, 0.01);
      EXPECT_LT(gflops, 1536 * threads);
    }
    const double bandwidth = PeakReadBandwidth(threads, kSeconds);
    EXPECT_GT(bandwidth, 1e7);
    EXPECT_LT(bandwidth, 4e11 * threads);
  }
}

}  // namespace
}  // namespace diarflow
