#include "audio/augment/band_limit.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr double kPi = 3.14159265358979323846;

// The filter's response around its centre, which is real because the filter is symmetric.
double Response(const FloatArray& filter, double hz, int rate) {
  const int64_t half = filter.size() / 2;
  double sum = 0;
  for (int64_t n = -half; n <= half; ++n) {
    sum += filter[half + n] * std::cos(2 * kPi * hz / rate * static_cast<double>(n));
  }
  return sum;
}

TEST(BandLimitTest, FilterKeepsItsPromise) {
  Random random(1);
  for (int round = 0; round < 60; ++round) {
    const int rate = 8000 + 500 * static_cast<int>(random.Below(80));
    Band band;
    band.transition_hz = random.Uniform(50, 400);
    if (round % 3 != 0) band.low_hz = random.Uniform(band.transition_hz / 2, 1500);
    if (round % 3 != 1) band.high_hz = random.Uniform(1500 + band.transition_hz, rate / 2.0 - band.transition_hz / 2);
    ASSERT_OK_AND_ASSIGN(const FloatArray filter, BandFilter(rate, band));
    for (int64_t n = 0; n < filter.size(); ++n) ASSERT_EQ(filter[n], filter[filter.size() - 1 - n]);
    const double half = band.transition_hz / 2;
    for (int i = 0; i <= 400; ++i) {
      const double hz = i / 800.0 * rate;
      const double response = Response(filter, hz, rate);
      const bool above_low = band.low_hz == 0 || hz >= band.low_hz + half;
      const bool below_high = band.high_hz == 0 || hz <= band.high_hz - half;
      if (above_low && below_high) {
        ASSERT_NEAR(response, 1, 0.0023) << hz << " Hz of " << band.low_hz << " to " << band.high_hz;
      }
      if ((band.low_hz > 0 && hz <= band.low_hz - half) || (band.high_hz > 0 && hz >= band.high_hz + half)) {
        ASSERT_NEAR(response, 0, std::pow(10, -55 / 20.0)) << hz << " Hz of " << band.low_hz << " to " << band.high_hz;
      }
    }
    for (const double edge : {band.low_hz, band.high_hz}) {
      if (edge == 0) continue;
      EXPECT_NEAR(Response(filter, edge, rate), 0.5, 0.01);
    }
  }
}

TEST(BandLimitTest, TelephoneKeepsTimeAndLength) {
  std::vector<float> tones;
  for (int n = 0; n < 16000; ++n) {
    tones.push_back(static_cast<float>(0.3 * std::sin(2 * kPi * 1000 * n / 16000.0) +
                                       0.3 * std::sin(2 * kPi * 100 * n / 16000.0) +
                                       0.3 * std::sin(2 * kPi * 5000 * n / 16000.0)));
  }
  ASSERT_OK_AND_ASSIGN(const FloatArray limited, LimitBand(FloatArray::Copy({16000}, tones), 16000, kTelephoneBand));
  ASSERT_EQ(limited.size(), 16000);
  for (int n = 1000; n < 15000; ++n) {
    ASSERT_NEAR(limited[n], 0.3 * std::sin(2 * kPi * 1000 * n / 16000.0), 0.003) << n;
  }
}

TEST(BandLimitTest, NoEdgesChangeNothing) {
  const FloatArray samples = FloatArray::Copy({3}, {1, 2, 3});
  ASSERT_OK_AND_ASSIGN(const FloatArray same, LimitBand(samples, 16000, {}));
  EXPECT_EQ(same.data(), samples.data());
}

TEST(BandLimitTest, BadBandsAreNamed) {
  const auto invalid = [](const char* part) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)); };
  EXPECT_THAT(BandFilter(0, kTelephoneBand), invalid("the sample rate is 0 Hz"));
  EXPECT_THAT(BandFilter(6000, kTelephoneBand), invalid("the upper edge is 3400 Hz"));
  EXPECT_THAT(BandFilter(16000, {40, 3400, 100}), invalid("the lower edge is 40 Hz"));
  EXPECT_THAT(BandFilter(16000, {3350, 3400, 100}), invalid("the lower edge is 3350 Hz"));
  EXPECT_THAT(BandFilter(16000, {-1, 0, 100}), invalid("the lower edge is -1 Hz"));
  EXPECT_THAT(BandFilter(16000, {0, 10, 100}), invalid("the upper edge is 10 Hz"));
  EXPECT_THAT(BandFilter(16000, {7960, 0, 100}), invalid("the lower edge is 7960 Hz"));
  EXPECT_THAT(BandFilter(16000, {300, 3400, 0}), invalid("the transition is 0 Hz"));
  EXPECT_THAT(BandFilter(16000, {300, 3400, 0.01}), invalid("the transition is 0.01 Hz"));
  EXPECT_THAT(BandFilter(16000, {std::nan(""), 3400, 100}), invalid("the lower edge is nan"));
  EXPECT_THAT(BandFilter(16000, {300, std::nan(""), 100}), invalid("the upper edge is nan"));
  const FloatArray bad = FloatArray::Copy({1}, {std::numeric_limits<float>::infinity()});
  EXPECT_THAT(LimitBand(bad, 16000, kTelephoneBand), invalid("sample 0 of the signal"));
}

}  // namespace
}  // namespace diarflow
