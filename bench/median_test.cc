#include "bench/median.h"

#include "gtest/gtest.h"

namespace diarflow {
namespace {

TEST(MedianTest, OfOddAndEvenCounts) {
  EXPECT_EQ(Median({3}), 3);
  EXPECT_EQ(Median({5, 1, 3}), 3);
  EXPECT_EQ(Median({4, 1}), 2.5);
  EXPECT_EQ(Median({9, 1, 3, 4}), 3.5);
}

}  // namespace
}  // namespace diarflow
