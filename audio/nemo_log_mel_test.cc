#include "audio/nemo_log_mel.h"

#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

FloatArray Noise(int64_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.1f);
  FloatArray noise = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) noise.mutable_data()[i] = normal(random);
  return noise;
}

// The definition, a sum for every frequency of every frame. Triangles are taken from the tables.
std::vector<double> SlowLogMel(const FloatArray& samples, NemoMelForm form, const FloatArray& mel) {
  const int64_t length = samples.size();
  const auto at = [&](int64_t n) -> double {
    if (form == NemoMelForm::kLegacy && n < 0) n = -n;
    if (form == NemoMelForm::kLegacy && n >= length) n = 2 * (length - 1) - n;
    if (n < 0 || n >= length) return 0;
    return n == 0 ? samples[0] : samples[n] - 0.97 * samples[n - 1];
  };
  std::vector<double> result;
  for (int64_t frame = 0; frame <= length / 160; ++frame) {
    std::vector<double> power;
    for (int k = 0; k <= 256; ++k) {
      std::complex<double> sum = 0;
      for (int64_t n = 0; n < 400; ++n) {
        const double window = 0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(n) / 399);
        // The window stands in the middle of the 512, and their middle at 160 * frame.
        const int64_t place = 56 + n;
        sum +=
            window * at(frame * 160 + place - 256) * std::polar(1.0, -2 * M_PI * k * static_cast<double>(place) / 512);
      }
      power.push_back(std::norm(sum));
    }
    for (int64_t bin = 0; bin < 80; ++bin) {
      double energy = 0;
      for (size_t k = 0; k < power.size(); ++k) energy += mel[bin * 257 + static_cast<int64_t>(k)] * power[k];
      result.push_back(std::log(energy + std::pow(2, -24)));
    }
  }
  return result;
}

TEST(NemoLogMelTest, AgreesWithTheDefinition) {
  for (const NemoMelForm form : {NemoMelForm::kLegacy, NemoMelForm::kCurrent}) {
    const NemoLogMel log_mel(form);
    for (const int64_t samples : {int64_t{257}, int64_t{480}, int64_t{1037}}) {
      const FloatArray noise = Noise(samples, static_cast<uint32_t>(samples));
      ASSERT_OK_AND_ASSIGN(const FloatArray fast, log_mel.LogMel(noise));
      const std::vector<double> slow = SlowLogMel(noise, form, log_mel.MelWeights());
      ASSERT_EQ(fast.size(), static_cast<int64_t>(slow.size()));
      for (int64_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[static_cast<size_t>(i)], 2e-5) << i;
    }
  }
}

TEST(NemoLogMelTest, TrianglesHaveTheKnownSum) {
  const FloatArray mel = NemoLogMel(NemoMelForm::kLegacy).MelWeights();
  double sum = 0;
  int weights = 0;
  for (const float weight : mel) {
    sum += weight;
    weights += weight != 0 ? 1 : 0;
  }
  EXPECT_EQ(mel.ShapeString(), "[80, 257]");
  EXPECT_NEAR(sum, 2.558261, 1e-6);
  EXPECT_EQ(weights, 500);
}

TEST(NemoLogMelTest, NormalisedHasMeanZeroAndDeviationOne) {
  const NemoLogMel log_mel(NemoMelForm::kCurrent);
  ASSERT_OK_AND_ASSIGN(const FloatArray features, log_mel.Normalised(Noise(16000, 1)));
  ASSERT_EQ(features.ShapeString(), "[100, 80]");
  for (int64_t bin = 0; bin < 80; ++bin) {
    double sum = 0, squares = 0;
    for (int64_t t = 0; t < 100; ++t) sum += features[t * 80 + bin];
    for (int64_t t = 0; t < 100; ++t) squares += std::pow(features[t * 80 + bin] - sum / 100, 2);
    EXPECT_NEAR(sum / 100, 0, 1e-6);
    EXPECT_NEAR(std::sqrt(squares / 99), 1, 1e-4);
  }
}

TEST(NemoLogMelTest, DefinedAtTheEdges) {
  const NemoLogMel legacy(NemoMelForm::kLegacy), current(NemoMelForm::kCurrent);
  EXPECT_THAT(legacy.LogMel(Noise(256, 1)), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("256 samples, 257 are")));
  EXPECT_THAT(current.LogMel(Noise(159, 1)),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("159 samples, 160 are")));
  EXPECT_THAT(current.LogMel(FloatArray::Zeros({2, 500})), StatusIs(absl::StatusCode::kInvalidArgument));
  // A single frame, and silence: nothing to divide by.
  for (const FloatArray& samples : {Noise(160, 1), FloatArray::Zeros({4000})}) {
    ASSERT_OK_AND_ASSIGN(const FloatArray features, current.Normalised(samples));
    for (const float feature : features) EXPECT_EQ(feature, 0);
  }
  EXPECT_EQ(legacy.NumValidFrames(24000), 151);
  EXPECT_EQ(current.NumValidFrames(24000), 150);
  EXPECT_EQ(legacy.grid().Centre(3), Rational(480));
}

}  // namespace
}  // namespace diarflow
