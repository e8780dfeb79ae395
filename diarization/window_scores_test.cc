#include "diarization/window_scores.h"

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr int64_t kClasses = 7;
// Who speaks, by class.
const std::array<std::vector<int>, kClasses> kSets = {{{}, {0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}}};

FloatArray Random(int64_t frames, int seed) {
  std::mt19937 random(static_cast<uint32_t>(seed));
  std::uniform_real_distribution<float> uniform(-8, 0);
  FloatArray numbers = FloatArray::Zeros({frames, kClasses});
  for (int64_t i = 0; i < numbers.size(); ++i) numbers.mutable_data()[i] = uniform(random);
  return numbers;
}

struct SlowFrame {
  std::array<double, kLocalSpeakers> speaker = {0, 0, 0};
  double somebody = 0;
  double two = 0;
  int likeliest = 0;
};

SlowFrame SlowScore(const float* z, double bias) {
  SlowFrame frame;
  double sum = 0;
  std::array<double, kClasses> p;
  size_t best = 0;
  for (size_t c = 0; c < kClasses; ++c) {
    p[c] = std::exp(static_cast<double>(z[c])) * (c >= 4 ? std::exp(bias) : 1);
    sum += p[c];
    if (z[c] > z[best]) best = c;
  }
  for (size_t c = 0; c < kClasses; ++c) {
    for (const int k : kSets[c]) frame.speaker[static_cast<size_t>(k)] += p[c] / sum;
    if (c >= 1) frame.somebody += p[c] / sum;
    if (c >= 4) frame.two += p[c] / sum;
  }
  for (const int k : kSets[best]) frame.likeliest += 1 << k;
  return frame;
}

TEST(ScoreWindowTest, IsWhatTheFormulasSay) {
  for (const double bias : {0.0, 0.5, -1.0, 3.0}) {
    const FloatArray z = Random(200, static_cast<int>(10 * bias) + 50);
    ASSERT_OK_AND_ASSIGN(const WindowScores scores, ScoreWindow(z, bias, 200));
    ASSERT_EQ(scores.frames(), 200);
    for (size_t f = 0; f < 200; ++f) {
      const SlowFrame slow = SlowScore(z.data() + static_cast<int64_t>(f) * kClasses, bias);
      for (size_t k = 0; k < kLocalSpeakers; ++k) ASSERT_NEAR(scores.speaker[f][k], slow.speaker[k], 1e-6) << f;
      ASSERT_NEAR(scores.somebody[f], slow.somebody, 1e-6) << f;
      ASSERT_NEAR(scores.two[f], slow.two, 1e-6) << f;
      ASSERT_EQ(scores.likeliest[f], slow.likeliest) << f;
    }
  }
}

TEST(ScoreWindowTest, TheBiasIsForTheScoresOnly) {
  // One alone is a little likelier than both: the bias turns that round, but not the likeliest set.
  const FloatArray z = FloatArray::Copy({1, kClasses}, {-9, -0.6f, -9, -9, -0.9f, -9, -9});
  ASSERT_OK_AND_ASSIGN(const WindowScores plain, ScoreWindow(z, 0, 1));
  ASSERT_OK_AND_ASSIGN(const WindowScores biased, ScoreWindow(z, 0.5, 1));
  EXPECT_LT(plain.two[0], 0.5f);
  EXPECT_GT(biased.two[0], 0.5f);
  EXPECT_EQ(plain.likeliest[0], 1);
  EXPECT_EQ(biased.likeliest[0], 1);
}

TEST(ScoreWindowTest, NobodySpeaksBehindTheEnd) {
  const FloatArray z = Random(20, 1);
  ASSERT_OK_AND_ASSIGN(const WindowScores whole, ScoreWindow(z, 0.5, 20));
  ASSERT_OK_AND_ASSIGN(const WindowScores part, ScoreWindow(z, 0.5, 13));
  ASSERT_EQ(part.frames(), 20);
  for (size_t f = 0; f < 20; ++f) {
    const bool there = f < 13;
    EXPECT_EQ(part.speaker[f], there ? whole.speaker[f] : (std::array<float, kLocalSpeakers>{0, 0, 0})) << f;
    EXPECT_EQ(part.somebody[f], there ? whole.somebody[f] : 0) << f;
    EXPECT_EQ(part.two[f], there ? whole.two[f] : 0) << f;
    EXPECT_EQ(part.likeliest[f], there ? whole.likeliest[f] : 0) << f;
  }
  // More frames than there are, none, and less than none.
  ASSERT_OK_AND_ASSIGN(const WindowScores more, ScoreWindow(z, 0.5, 1000));
  EXPECT_EQ(more.somebody, whole.somebody);
  for (const int64_t none : {int64_t{0}, int64_t{-3}}) {
    ASSERT_OK_AND_ASSIGN(const WindowScores silent, ScoreWindow(z, 0.5, none));
    EXPECT_EQ(silent.somebody, std::vector<float>(20, 0));
  }
  ASSERT_OK_AND_ASSIGN(const WindowScores empty, ScoreWindow(FloatArray::Zeros({0, kClasses}), 0.5, 0));
  EXPECT_EQ(empty.frames(), 0);
}

TEST(ScoreWindowTest, ExtremeNumbersStayProbabilities) {
  const float huge = std::numeric_limits<float>::max();
  for (const double bias : {-20.0, 0.0, 20.0}) {
    const FloatArray z = FloatArray::Copy({3, kClasses}, {-huge, -huge, -huge, -huge, -huge, -huge, -huge,  //
                                                          -200,  -900,  -1e4f, -300,  -201,  -250,  -1e9f,  //
                                                          huge,  0,     -huge, 1,     2,     3,     -huge});
    ASSERT_OK_AND_ASSIGN(const WindowScores scores, ScoreWindow(z, bias, 3));
    for (size_t f = 0; f < 3; ++f) {
      for (const float p : scores.speaker[f]) EXPECT_TRUE(p >= 0 && p <= 1.000001f) << f << ": " << p;
      EXPECT_TRUE(scores.somebody[f] >= 0 && scores.somebody[f] <= 1.000001f) << f << ": " << scores.somebody[f];
      EXPECT_TRUE(scores.two[f] >= 0 && scores.two[f] <= 1.000001f) << f << ": " << scores.two[f];
    }
    EXPECT_EQ(scores.somebody[2], 0);
  }
}

TEST(ScoreWindowTest, BadInputIsNamed) {
  const auto expect = [](const FloatArray& z, const char* message) {
    EXPECT_THAT(ScoreWindow(z, 0.5, 2), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect(FloatArray::Zeros({2, 6}), "log-probabilities are [T, 7]; here is [2, 6]");
  expect(FloatArray::Zeros({7}), "here is [7]");
  expect(FloatArray::Zeros({1, 2, 7}), "here is [1, 2, 7]");
  expect(FloatArray(), "[T, 7]");
  for (const float number : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                             -std::numeric_limits<float>::infinity()}) {
    FloatArray z = FloatArray::Zeros({2, kClasses});
    z.mutable_data()[9] = number;
    expect(z, "not finite");
  }
}

TEST(FirstFrameOfTest, IsTheNearestFrame) {
  for (int64_t start = -100000; start < 100000; start += 7) {
    ASSERT_EQ(FirstFrameOf(start), static_cast<int64_t>(std::floor(static_cast<double>(start) / 270 + 0.5))) << start;
  }
  EXPECT_EQ(FirstFrameOf(135), 1);
  EXPECT_EQ(FirstFrameOf(134), 0);
  EXPECT_EQ(FirstFrameOf(-135), 0);
  EXPECT_EQ(FirstFrameOf(-136), -1);
}

}  // namespace
}  // namespace diarflow
