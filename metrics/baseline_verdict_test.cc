#include "metrics/baseline_verdict.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

double Below(double x) { return std::nextafter(x, 0); }

TEST(BaselineVerdictTest, BandsAndTheirBoundaries) {
  EXPECT_EQ(BaselineVerdict(0), "strong, adapter straightforward");
  EXPECT_EQ(BaselineVerdict(Below(0.15)), "strong, adapter straightforward");
  EXPECT_EQ(BaselineVerdict(0.15), "adapter viable");
  EXPECT_EQ(BaselineVerdict(Below(0.20)), "adapter viable");
  EXPECT_EQ(BaselineVerdict(0.20), "weak");
  EXPECT_EQ(BaselineVerdict(Below(0.30)), "weak");
  EXPECT_EQ(BaselineVerdict(0.30), "go to a speaker encoder");
  EXPECT_EQ(BaselineVerdict(0.3501), "go to a speaker encoder");
  EXPECT_EQ(BaselineVerdict(1), "go to a speaker encoder");
  EXPECT_EQ(BaselineVerdict(std::numeric_limits<double>::quiet_NaN()), "go to a speaker encoder");
}

}  // namespace
}  // namespace diarflow
