#include "audio/augment/decay.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

// Noise, or a bare exponential, that falls by 60 dB in t60 seconds; twice as long.
std::vector<float> Decaying(double t60, int rate, bool noise) {
  Random random(1);
  std::vector<float> response;
  for (int n = 0; n < 2 * t60 * rate; ++n) {
    const double envelope = std::pow(10, -3 * n / (t60 * rate));
    response.push_back(static_cast<float>(envelope * (noise ? random.Normal() : 1)));
  }
  return response;
}

TEST(DecayTest, ExponentialsHaveTheirTime) {
  for (const double t60 : {0.1, 0.35, 1.2}) {
    for (const double range : {20.0, 30.0, 45.0}) {
      ASSERT_OK_AND_ASSIGN(const double exact, MeasureT60(Decaying(t60, 16000, false), 16000, range));
      EXPECT_NEAR(exact, t60, 1e-4 * t60);
      ASSERT_OK_AND_ASSIGN(const double noisy, MeasureT60(Decaying(t60, 16000, true), 16000, range));
      EXPECT_NEAR(noisy, t60, 0.1 * t60);
    }
  }
}

// A decay of two slopes, from which the response is made: what lies outside the range does not count.
TEST(DecayTest, FitsTheRangeAlone) {
  constexpr int kRate = 8000;
  const auto decay_db = [](int n) {
    const double t = static_cast<double>(n) / kRate;
    if (t < 0.1) return -45 * t;                 // to -4.5 dB
    if (t < 0.3) return -4.5 - 200 * (t - 0.1);  // to -44.5 dB: 0.3 s for 60 dB
    return -44.5 - 60 * (t - 0.3);
  };
  std::vector<float> response;
  for (int n = 0; n < 2 * kRate; ++n) {
    response.push_back(
        static_cast<float>(std::sqrt(std::pow(10, decay_db(n) / 10) - std::pow(10, decay_db(n + 1) / 10))));
  }
  ASSERT_OK_AND_ASSIGN(const double t30, MeasureT60(response, kRate));
  EXPECT_NEAR(t30, 0.3, 1e-3);
  ASSERT_OK_AND_ASSIGN(const double longer, MeasureT60(response, kRate, 60));
  EXPECT_GT(longer, 0.4);
}

TEST(DecayTest, IntegratesBackward) {
  const std::vector<double> decay = EnergyDecayDb(std::vector<float>{3, 0, 1, 0});
  ASSERT_EQ(decay.size(), 4u);
  EXPECT_EQ(decay[0], 0);
  EXPECT_NEAR(decay[1], -10, 1e-9);
  EXPECT_NEAR(decay[2], -10, 1e-9);
  EXPECT_EQ(decay[3], -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(EnergyDecayDb({}).empty());
}

TEST(DecayTest, NoDecayIsAStatus) {
  const auto invalid = [](const char* part) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)); };
  const std::vector<float> good = Decaying(0.1, 16000, false);
  EXPECT_THAT(MeasureT60({}, 16000), invalid("empty, silent"));
  EXPECT_THAT(MeasureT60(std::vector<float>(10, 0), 16000), invalid("empty, silent"));
  EXPECT_THAT(MeasureT60(std::vector<float>{1, std::nanf(""), 1}, 16000), invalid("not finite"));
  EXPECT_THAT(MeasureT60(std::vector<float>{0, 1, 0}, 16000), invalid("0 samples from -5 to -35 dB"));
  EXPECT_THAT(MeasureT60(good, 0), invalid("0 Hz"));
  EXPECT_THAT(MeasureT60(good, 16000, 0.5), invalid("0.5 dB"));
}

}  // namespace
}  // namespace diarflow
