#include "audio/augment/convolve.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include "base/float_array.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

FloatArray Generated(int64_t length, Random* random) {
  FloatArray samples = FloatArray::Zeros({length});
  float* out = samples.mutable_data();
  for (int64_t n = 0; n < length; ++n) out[n] = static_cast<float>(random->Uniform(-1, 1));
  return samples;
}

std::vector<double> DirectSum(const FloatArray& signal, const FloatArray& response) {
  std::vector<double> sum(static_cast<size_t>(signal.size() + response.size() - 1), 0.0);
  for (int64_t n = 0; n < signal.size(); ++n) {
    for (int64_t m = 0; m < response.size(); ++m) {
      sum[static_cast<size_t>(n + m)] += static_cast<double>(signal[n]) * response[m];
    }
  }
  return sum;
}

void ExpectBothForms(const FloatArray& signal, const FloatArray& response, int64_t delay) {
  SCOPED_TRACE(testing::Message() << signal.size() << " with " << response.size() << ", delay " << delay);
  const std::vector<double> slow = DirectSum(signal, response);
  // A unit in the last place of float32 of the largest sums.
  double largest = 0;
  for (const double x : slow) largest = std::max(largest, std::abs(x));
  const double tolerance = 1e-7 * largest;
  ASSERT_OK_AND_ASSIGN(const FloatArray full, Convolve(signal, response));
  ASSERT_EQ(full.size(), static_cast<int64_t>(slow.size()));
  for (int64_t k = 0; k < full.size(); ++k) ASSERT_NEAR(full[k], slow[static_cast<size_t>(k)], tolerance) << k;
  ASSERT_OK_AND_ASSIGN(const FloatArray aligned, ConvolveAligned(signal, response, delay));
  ASSERT_EQ(aligned.size(), signal.size());
  for (int64_t k = 0; k < aligned.size(); ++k) {
    const int64_t from = k + delay;
    ASSERT_NEAR(aligned[k], from < full.size() ? slow[static_cast<size_t>(from)] : 0.0, tolerance) << k;
  }
}

TEST(ConvolveTest, IsTheDirectSumOnGeneratedLengths) {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    // From 1 to a few hundred, small ones often.
    const int64_t n = 1 + random.Below(1 + random.Below(700));
    const int64_t m = 1 + random.Below(1 + random.Below(700));
    ExpectBothForms(Generated(n, &random), Generated(m, &random), random.Below(m));
  }
}

TEST(ConvolveTest, IsTheDirectSumOverSeveralTransforms) {
  Random random(4);
  const int64_t lengths[][2] = {{40000, 50}, {16384, 1}, {16385, 2}, {33000, 900}, {300, 20000}, {1, 3}, {3, 1}};
  for (const auto& [n, m] : lengths) ExpectBothForms(Generated(n, &random), Generated(m, &random), m - 1);
  ExpectBothForms(Generated(40000, &random), Generated(700, &random), 0);
}

TEST(ConvolveTest, UnitPulseDelays) {
  Random random(8);
  const FloatArray signal = Generated(20000, &random);
  const FloatArray pulse = FloatArray::Copy({4}, {0, 0, 1, 0});
  ASSERT_OK_AND_ASSIGN(const FloatArray same, ConvolveAligned(signal, pulse, 2));
  for (int64_t n = 0; n < signal.size(); ++n) ASSERT_EQ(same[n], signal[n]) << n;
}

TEST(ConvolveTest, ThreadsDoNotChangeIt) {
  Random random(9);
  const FloatArray signal = Generated(50000, &random), response = Generated(3000, &random);
  ASSERT_OK_AND_ASSIGN(const FloatArray first, Convolve(signal, response));
  std::vector<int64_t> different(4, -1);
  std::vector<std::thread> threads;
  for (int64_t& count : different) {
    threads.emplace_back([&] {
      const absl::StatusOr<FloatArray> again = Convolve(signal, response);
      if (!again.ok()) return;
      count = 0;
      for (int64_t k = 0; k < first.size(); ++k) count += (*again)[k] != first[k];
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(different, std::vector<int64_t>(4, 0));
}

TEST(ConvolveTest, BadInputIsAStatus) {
  const FloatArray good = FloatArray::Copy({2}, {1, 2});
  const FloatArray bad = FloatArray::Copy({3}, {1, 2, std::numeric_limits<float>::quiet_NaN()});
  const auto invalid = [](const char* part) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)); };
  EXPECT_THAT(Convolve(bad, good), invalid("sample 2 of the signal"));
  EXPECT_THAT(Convolve(good, bad), invalid("sample 2 of the response"));
  EXPECT_THAT(Convolve(FloatArray(), good), invalid("[0]"));
  EXPECT_THAT(Convolve(good, FloatArray::Zeros({2, 2})), invalid("[2, 2]"));
  EXPECT_THAT(ConvolveAligned(good, good, 2), invalid("a delay of 2 samples"));
  EXPECT_THAT(ConvolveAligned(good, good, -1), invalid("a delay of -1 samples"));
  EXPECT_THAT(ConvolveAligned(bad, good, 0), invalid("signal"));
}

}  // namespace
}  // namespace diarflow
