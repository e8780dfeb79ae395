#include "pages/peaks.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(PeaksTest, LeastAndGreatestOfEachColumn) {
  EXPECT_THAT(PeaksOf({1, -2, 3, 4, 5, -6}, 2), ElementsAre(Pair(-2, 3), Pair(-6, 5)));
  EXPECT_THAT(PeaksOf({.5f, .25f}, 1), ElementsAre(Pair(.25f, .5f)));
}

TEST(PeaksTest, NoMoreColumnsThanSamples) {
  EXPECT_THAT(PeaksOf({1, 2}, 1000), ElementsAre(Pair(1, 1), Pair(2, 2)));
  EXPECT_THAT(PeaksOf({}, 10), IsEmpty());
  EXPECT_THAT(PeaksOf({1, 2}, 0), IsEmpty());
  EXPECT_THAT(PeaksOf({1, 2}, -1), IsEmpty());
}

TEST(PeaksTest, LeavesOutWhatIsNoNumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(PeaksOf({nan, 2, infinity, nan, nan, -infinity}, 2), ElementsAre(Pair(2, 2), Pair(0, 0)));
}

// The columns' extremes are those of all samples, and each sample lies within its column's, whatever the sizes.
TEST(PeaksTest, EverySampleLiesInItsColumn) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> samples(1 + random() % 500);
    for (float& sample : samples) sample = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 1000;
    const int columns = 1 + static_cast<int>(random() % 300);
    const std::vector<std::pair<float, float>> peaks = PeaksOf(samples, columns);
    std::vector<std::pair<float, float>> slow(peaks.size(), {9, -9});
    size_t column = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      while ((column + 1) * samples.size() / peaks.size() <= i) ++column;
      slow[column].first = std::fmin(slow[column].first, samples[i]);
      slow[column].second = std::fmax(slow[column].second, samples[i]);
    }
    EXPECT_EQ(peaks, slow);
  }
}

}  // namespace
}  // namespace diarflow
