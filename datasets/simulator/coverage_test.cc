#include "datasets/simulator/coverage.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

// The slow twin: a counter for every instant.
struct Counters {
  std::vector<int> depth = std::vector<int>(200, 0);

  int64_t Count(int64_t begin, int64_t end, int low, int high) const {
    int64_t count = 0;
    for (int64_t t = begin; t < end; ++t) count += depth[t] >= low && depth[t] <= high;
    return count;
  }
};

TEST(CoverageTest, AgreesWithACounterForEveryInstant) {
  std::mt19937_64 random(3);
  const auto draw = [&random](int64_t n) { return static_cast<int64_t>(random() % n); };
  for (int round = 0; round < 2000; ++round) {
    Coverage coverage;
    Counters counters;
    int64_t last = 0;
    for (int64_t intervals = draw(8); intervals > 0; --intervals) {
      const int64_t begin = draw(80);
      const int64_t end = begin + draw(20);
      coverage.Add(begin, end);
      if (begin < end) last = std::max(last, end);
      for (int64_t t = begin; t < end; ++t) ++counters.depth[t];
    }
    ASSERT_EQ(coverage.covered(), counters.Count(0, 200, 1, 100));
    ASSERT_EQ(coverage.overlapped(), counters.Count(0, 200, 2, 100));
    const int64_t latest = last + draw(5);
    const int64_t earliest = draw(latest + 1);
    const int64_t length = draw(40);
    const int64_t amount = draw(20);
    int64_t best = latest;
    int64_t most = counters.Count(latest, latest + length, 1, 1);
    for (int64_t start = latest; start >= std::max(earliest, latest - length) && most < amount; --start) {
      const int64_t gain = counters.Count(start, start + length, 1, 1);
      if (gain > most) best = start;
      most = std::max(most, gain);
    }
    ASSERT_EQ(coverage.LatestStart(earliest, latest, length, amount), best) << round;
  }
}

}  // namespace
}  // namespace diarflow
