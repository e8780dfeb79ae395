#include "diarization/speaker_mapping.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The greatest sum over every way to give rows to columns.
template <typename Weight>
Weight BestByPermutations(const std::vector<Weight>& weights, int rows, int columns) {
  std::vector<int> order(std::max(rows, columns));
  std::iota(order.begin(), order.end(), 0);
  Weight best = 0;
  do {
    Weight sum = 0;
    for (int row = 0; row < rows; ++row) {
      if (order[row] < columns) sum += weights[row * columns + order[row]];
    }
    best = std::max(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

// Checks the form of a mapping as well.
template <typename Weight>
Weight SumOf(const std::vector<int>& mapping, const std::vector<Weight>& weights, int rows, int columns) {
  EXPECT_EQ(static_cast<int>(mapping.size()), rows);
  std::vector<bool> taken(columns, false);
  Weight sum = 0;
  for (int row = 0; row < rows; ++row) {
    const int column = mapping[row];
    if (column < 0) continue;
    EXPECT_LT(column, columns);
    EXPECT_FALSE(taken[column]);
    taken[column] = true;
    EXPECT_GT(weights[row * columns + column], 0);
    sum += weights[row * columns + column];
  }
  return sum;
}

TEST(SpeakerMappingTest, EveryShapeAgainstPermutations) {
  std::mt19937_64 random(1);
  for (int rows = 0; rows <= 6; ++rows) {
    for (int columns = 0; columns <= 6; ++columns) {
      for (int round = 0; round < 20; ++round) {
        // Few values make ties and zeros.
        const uint64_t range = round % 3 == 0 ? 3 : 1000000;
        std::vector<int64_t> weights(rows * columns);
        for (int64_t& weight : weights) weight = static_cast<int64_t>(random() % range);
        const std::vector<int> mapping = MaximumWeightAssignment(weights, rows, columns);
        EXPECT_EQ(SumOf(mapping, weights, rows, columns), BestByPermutations(weights, rows, columns));

        const std::vector<double> shares(weights.begin(), weights.end());
        const std::vector<int> of_shares = MaximumWeightAssignment(shares, rows, columns);
        EXPECT_DOUBLE_EQ(SumOf(of_shares, shares, rows, columns), BestByPermutations(shares, rows, columns));
      }
    }
  }
}

TEST(SpeakerMappingTest, GreedyWouldBeWrong) {
  // Taking 10 first leaves 1: 11 < 9 + 8.
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{10, 9, 8, 1}, 2, 2), ElementsAre(1, 0));
}

TEST(SpeakerMappingTest, PairsWithoutWeightStayApart) {
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{0, 0, 0, 5}, 2, 2), ElementsAre(-1, 1));
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{7, 0, 3}, 3, 1), ElementsAre(0, -1, -1));
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{}, 2, 0), ElementsAre(-1, -1));
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{}, 0, 3), IsEmpty());
}

TEST(SpeakerMappingTest, GreatestWeights) {
  const int64_t max = std::numeric_limits<int64_t>::max();
  // The sums of both diagonals differ by 1 and do not fit 64 bits.
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{max, max, max - 1, max}, 2, 2), ElementsAre(0, 1));
  EXPECT_THAT(MaximumWeightAssignment(std::vector<int64_t>{max - 1, max, max, max}, 2, 2), ElementsAre(1, 0));
}

// Adding a constant to a row cannot change which columns are best when every row gets a column.
TEST(SpeakerMappingTest, ManySpeakers) {
  std::mt19937_64 random(2);
  const int n = 120;
  std::vector<int64_t> weights(n * n);
  for (int64_t& weight : weights) weight = 1 + static_cast<int64_t>(random() % 1000000000);
  const std::vector<int> mapping = MaximumWeightAssignment(weights, n, n);
  const int64_t sum = SumOf(mapping, weights, n, n);
  int64_t added = 0;
  std::vector<int64_t> shifted = weights;
  for (int row = 0; row < n; ++row) {
    const auto shift = static_cast<int64_t>(random() % 1000000000);
    added += shift;
    for (int column = 0; column < n; ++column) shifted[row * n + column] += shift;
  }
  EXPECT_EQ(MaximumWeightAssignment(shifted, n, n), mapping);
  // No swap of two rows improves it.
  for (int a = 0; a < n; ++a) {
    for (int b = 0; b < a; ++b) {
      const int64_t now = weights[a * n + mapping[a]] + weights[b * n + mapping[b]];
      EXPECT_LE(weights[a * n + mapping[b]] + weights[b * n + mapping[a]], now);
    }
  }
  EXPECT_GT(sum, 0);
}

}  // namespace
}  // namespace diarflow
