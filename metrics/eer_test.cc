#include "metrics/eer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <iostream>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/normal.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Rates at a threshold, counted one by one.
double FarAt(const VerificationScores& scores, double threshold) {
  double accepted = 0;
  for (double score : scores.nontarget) accepted += score >= threshold;
  return accepted / static_cast<double>(scores.nontarget.size());
}
double FrrAt(const VerificationScores& scores, double threshold) {
  double rejected = 0;
  for (double score : scores.target) rejected += score < threshold;
  return rejected / static_cast<double>(scores.target.size());
}

std::vector<double> FallingThresholds(const VerificationScores& scores) {
  std::set<double, std::greater<double>> thresholds(scores.target.begin(), scores.target.end());
  thresholds.insert(scores.nontarget.begin(), scores.nontarget.end());
  thresholds.insert(kInfinity);
  return {thresholds.begin(), thresholds.end()};
}

// The root of FAR - FRR along the polygon by bisection of its parameter.
double SlowEer(const VerificationScores& scores) {
  const std::vector<double> thresholds = FallingThresholds(scores);
  const auto along = [&](double position) {
    const auto i = std::min(static_cast<size_t>(position), thresholds.size() - 2);
    const double share = position - static_cast<double>(i);
    const double far = (1 - share) * FarAt(scores, thresholds[i]) + share * FarAt(scores, thresholds[i + 1]);
    const double frr = (1 - share) * FrrAt(scores, thresholds[i]) + share * FrrAt(scores, thresholds[i + 1]);
    return std::pair<double, double>(far, frr);
  };
  double low = 0;
  double high = static_cast<double>(thresholds.size() - 1);
  for (int i = 0; i < 80; ++i) {
    const double middle = 0.5 * (low + high);
    const auto [far, frr] = along(middle);
    (far < frr ? low : high) = middle;
  }
  return along(high).first;
}

double SlowMinDcf(const VerificationScores& scores, const DetectionCostModel& model) {
  double least = kInfinity;
  for (double threshold : FallingThresholds(scores)) {
    least = std::min(least, model.c_miss * model.p_target * FrrAt(scores, threshold) +
                                model.c_fa * (1 - model.p_target) * FarAt(scores, threshold));
  }
  return least / std::min(model.c_miss * model.p_target, model.c_fa * (1 - model.p_target));
}

// Quantiles of N(mean, 1) at (i + 0.5) / n: a sample without chance.
std::vector<double> GaussianQuantiles(int n, double mean) {
  std::vector<double> scores;
  for (int i = 0; i < n; ++i) scores.push_back(mean + NormalQuantile((i + 0.5) / n));
  return scores;
}

double Eer(const VerificationScores& scores) {
  const absl::StatusOr<double> eer = EqualErrorRate(scores);
  EXPECT_OK(eer);
  return eer.value_or(kNaN);
}

TEST(NormalTest, QuantileInvertsTheDistribution) {
  EXPECT_NEAR(NormalCdf(-1), 0.15865525393145705, 1e-16);
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_NEAR(NormalQuantile(0.5), 0, 1e-15);
  for (double p : {1e-12, 1e-6, 0.001, 0.02, 0.3, 0.5, 0.77, 0.999}) {
    EXPECT_NEAR(NormalCdf(NormalQuantile(p)) / p, 1, 1e-12) << p;
    EXPECT_NEAR(NormalQuantile(p), -NormalQuantile(1 - p), 1e-4) << p;
  }
}

TEST(EerTest, TwoGaussians) {
  // d' = 2: the error rate is Phi(-1).
  const VerificationScores scores = {GaussianQuantiles(20000, 1), GaussianQuantiles(30000, -1)};
  EXPECT_NEAR(Eer(scores), 0.15865525393145705, 1e-5);
  ASSERT_OK_AND_ASSIGN(const DetCurve curve, DetCurve::Create(scores));
  EXPECT_NEAR(curve.FindEqualError().threshold, 0, 1e-3);

  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  VerificationScores drawn;
  for (int i = 0; i < 200000; ++i) {
    drawn.target.push_back(normal(random) + 1);
    drawn.nontarget.push_back(normal(random) - 1);
  }
  EXPECT_NEAR(Eer(drawn), 0.15865525393145705, 0.002);
}

TEST(EerTest, SmallCasesByHand) {
  EXPECT_EQ(Eer({{3, 2}, {1, 0}}), 0);
  EXPECT_EQ(Eer({{1, 0}, {3, 2}}), 1);
  EXPECT_EQ(Eer({{0.3, 0.3}, {0.3, 0.3, 0.3}}), 0.5);
  EXPECT_EQ(Eer({{4, 2}, {3, 1}}), 0.5);
  // A tie of one target and one non-target trial: the segment (0, 2/3) - (1/3, 1) crosses in its middle.
  EXPECT_NEAR(Eer({{5, 4, 3}, {3, 2, 1}}), 1.0 / 6, 1e-15);
  // A vertical segment at FAR = 1/3.
  EXPECT_NEAR(Eer({{7, 5, 4, 3}, {6, 2, 1}}), 1.0 / 3, 1e-15);
  EXPECT_EQ(Eer({{kInfinity}, {-kInfinity}}), 0);
}

TEST(EerTest, VerticesOfTheCurve) {
  ASSERT_OK_AND_ASSIGN(const DetCurve curve, DetCurve::Create({{2, 1, 1}, {1, 0}}));
  ASSERT_EQ(curve.points().size(), 4u);
  const std::vector<std::vector<double>> expected = {{kInfinity, 0, 3}, {2, 0, 2}, {1, 1, 0}, {0, 2, 0}};
  for (size_t i = 0; i < expected.size(); ++i) {
    const DetPoint& point = curve.points()[i];
    EXPECT_EQ(point.threshold, expected[i][0]);
    EXPECT_EQ(static_cast<double>(point.false_accepts), expected[i][1]);
    EXPECT_EQ(static_cast<double>(point.false_rejects), expected[i][2]);
    EXPECT_EQ(point.false_accept_rate, expected[i][1] / 2);
    EXPECT_EQ(point.false_reject_rate, expected[i][2] / 3);
  }
  EXPECT_EQ(curve.FindEqualError().threshold, 1);
  ASSERT_OK_AND_ASSIGN(const MinDcfPoint best, curve.FindMinDcf({0.01, 1, 1}));
  EXPECT_NEAR(best.cost, 2.0 / 3, 1e-15);
  EXPECT_EQ(best.point.threshold, 2);
}

TEST(EerTest, MinDcfWithCosts) {
  const VerificationScores scores = {{2, 1, 1}, {1, 0}};
  // Thresholds +inf, 2, 1, 0: p c_miss FRR + (1 - p) c_fa FAR with p = 1/4, costs 10 and 1, over min(2.5, 0.75).
  ASSERT_OK_AND_ASSIGN(const double cost, MinDcf(scores, {0.25, 10, 1}));
  EXPECT_NEAR(cost, 0.75 * 0.5 / 0.75, 1e-15);
  // Nothing is worth accepting when scores are upside down.
  ASSERT_OK_AND_ASSIGN(const double worst, MinDcf({{0}, {1}}));
  EXPECT_EQ(worst, 1);
}

TEST(EerTest, EqualsTheSlowFigureOnGeneratedLists) {
  std::mt19937_64 random(20);
  for (int round = 0; round < 400; ++round) {
    const auto number = [&random](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
    VerificationScores scores;
    const int levels = 1 + number(30);  // few levels make many ties
    const int num_target = 1 + number(25);
    const int num_nontarget = 1 + number(25);
    for (int i = 0; i < num_target; ++i) scores.target.push_back(0.1 * (number(levels) + number(4)));
    for (int i = 0; i < num_nontarget; ++i) scores.nontarget.push_back(0.1 * number(levels));
    const double eer = Eer(scores);
    EXPECT_NEAR(eer, SlowEer(scores), 1e-9) << "list " << round;
    const DetectionCostModel model = {0.01 + 0.01 * number(90), 1.0 + number(5), 1.0 + number(5)};
    ASSERT_OK_AND_ASSIGN(const double cost, MinDcf(scores, model));
    EXPECT_NEAR(cost, SlowMinDcf(scores, model), 1e-12) << "list " << round;

    // Order, and any rising function of the scores, change nothing; swapped classes and signs give the same rate.
    VerificationScores changed = scores;
    std::shuffle(changed.target.begin(), changed.target.end(), random);
    for (auto* list : {&changed.target, &changed.nontarget}) {
      for (double& score : *list) score = std::exp(2 * score) - 5;
    }
    EXPECT_EQ(Eer(changed), eer);
    VerificationScores mirrored = {scores.nontarget, scores.target};
    for (auto* list : {&mirrored.target, &mirrored.nontarget}) {
      for (double& score : *list) score = -score;
    }
    EXPECT_NEAR(Eer(mirrored), eer, 1e-12);
  }
}

TEST(EerTest, Statistics) {
  ASSERT_OK_AND_ASSIGN(const ScoreStatistics statistics, ComputeScoreStatistics({{1, 2, 6}, {-2, 0}}));
  EXPECT_EQ(statistics.target.count, 3);
  EXPECT_EQ(statistics.target.mean, 3);
  EXPECT_NEAR(statistics.target.standard_deviation, std::sqrt(14.0 / 3), 1e-15);
  EXPECT_EQ(statistics.target.min, 1);
  EXPECT_EQ(statistics.target.max, 6);
  EXPECT_EQ(statistics.nontarget.count, 2);
  EXPECT_EQ(statistics.nontarget.mean, -1);
  EXPECT_EQ(statistics.min, -2);
  EXPECT_EQ(statistics.max, 6);
}

TEST(EerTest, BadInput) {
  const auto invalid = [](const std::string& words) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words));
  };
  EXPECT_THAT(EqualErrorRate({{}, {1}}), invalid("no target trial"));
  EXPECT_THAT(EqualErrorRate({{1}, {}}), invalid("no non-target trial"));
  EXPECT_THAT(EqualErrorRate({{1, kNaN}, {0}}), invalid("target trial 1 (counted from 0) is NaN"));
  EXPECT_THAT(MinDcf({{1}, {0, 2, kNaN}}), invalid("non-target trial 2 (counted from 0) is NaN"));
  EXPECT_THAT(ComputeScoreStatistics({{}, {}}), invalid("no target trial"));
  for (double p : {0.0, 1.0, -0.5, kNaN}) EXPECT_THAT(MinDcf({{1}, {0}}, {p, 1, 1}), invalid("prior"));
  EXPECT_THAT(MinDcf({{1}, {0}}, {0.5, 0, 1}), invalid("costs"));
  EXPECT_THAT(MinDcf({{1}, {0}}, {0.5, 1, kInfinity}), invalid("costs"));
}

TEST(EerTest, SixHundredThousandTrialsInLessThanASecond) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  VerificationScores scores;
  for (int i = 0; i < 300000; ++i) {
    scores.target.push_back(normal(random) + 2);
    scores.nontarget.push_back(normal(random));
  }
  const auto start = std::chrono::steady_clock::now();
  ASSERT_OK_AND_ASSIGN(const DetCurve curve, DetCurve::Create(scores));
  EXPECT_NEAR(curve.FindEqualError().rate, NormalCdf(-1), 0.003);
  ASSERT_OK(curve.FindMinDcf());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << "600000 trials: " << seconds.count() << " s\n";
#if defined(NDEBUG)
  EXPECT_LT(seconds.count(), 1);
#endif
}

}  // namespace
}  // namespace diarflow
