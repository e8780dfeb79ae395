#include "base/random.h"

#include <cmath>
#include <functional>
#include <vector>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int kDraws = 100000;

// Mean, variance and third moment of many draws lie within six standard errors of what they should be; the errors of
// the higher ones are taken from the draws.
void ExpectMoments(const char* what, double mean, double variance, const std::function<double()>& draw) {
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double difference = draw() - mean;
    sum += difference;
    squares += difference * difference;
    fourth += difference * difference * difference * difference;
  }
  EXPECT_NEAR(sum / kDraws, 0, 6 * std::sqrt(variance / kDraws)) << what;
  const double error = std::sqrt((fourth / kDraws - variance * variance) / kDraws);
  EXPECT_NEAR(squares / kDraws, variance, 6 * error) << what;
}

TEST(RandomTest, DistributionsHaveTheirMoments) {
  Random random(1);
  ExpectMoments("uniform", 0.5, 1.0 / 12, [&] { return random.Uniform(); });
  ExpectMoments("uniform 2..5", 3.5, 9.0 / 12, [&] { return random.Uniform(2, 5); });
  ExpectMoments("normal", 0, 1, [&] { return random.Normal(); });
  for (const double shape : {0.3, 1.0, 2.5, 1000.0}) {
    ExpectMoments("gamma", shape * 2, shape * 4, [&] { return random.Gamma(shape, 2); });
  }
  ExpectMoments("beta", 0.25, 0.25 * 0.75 / 5, [&] { return random.Beta(1, 3); });
  for (const double mean : {0.0, 0.7, 16.0, 100.5}) {
    ExpectMoments("poisson", mean, mean, [&] { return static_cast<double>(random.Poisson(mean)); });
  }
  // Mean r (1 - p) / p, variance mean / p: the sentence lengths of the simulator.
  ExpectMoments("negative binomial", 7.6, 152, [&] { return static_cast<double>(random.NegativeBinomial(0.4, 0.05)); });
}

TEST(RandomTest, EqualSeedsGiveEqualNumbers) {
  // These very numbers, those of the published generator: files that were made from a seed can be made again.
  Random random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_DOUBLE_EQ(random.Uniform(), 3203168211198807973u * 0x1p-64);
  Random first(7, 0), again(7, 0), second(7, 1), other(8, 0);
  const uint64_t number = first.Next();
  EXPECT_EQ(number, again.Next());
  EXPECT_NE(number, second.Next());
  EXPECT_NE(number, other.Next());
}

TEST(RandomTest, StreamsAreNotCorrelated) {
  double sum = 0;
  for (uint64_t stream = 0; stream < kDraws; ++stream) {
    Random a(3, stream), b(3, stream + 1);
    sum += (a.Uniform() - 0.5) * (b.Uniform() - 0.5);
  }
  EXPECT_NEAR(sum / kDraws, 0, 6.0 / 12 / std::sqrt(kDraws));
}

TEST(RandomTest, ShuffleMakesEveryOrderEquallyLikely) {
  Random random(5);
  std::vector<int> counts(6, 0);
  for (int i = 0; i < 60000; ++i) {
    std::vector<int> values = {0, 1, 2};
    random.Shuffle(&values);
    std::vector<int> order = {0, 1, 2};
    int index = 0;
    while (order != values) {
      std::next_permutation(order.begin(), order.end());
      ++index;
    }
    ++counts[static_cast<size_t>(index)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 600);
}

}  // namespace
}  // namespace diarflow
