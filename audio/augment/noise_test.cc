#include "audio/augment/noise.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/float_array.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr double kPi = 3.14159265358979323846;

std::vector<float> Numbers(const FloatArray& samples) { return {samples.begin(), samples.end()}; }

auto Invalid(const char* part) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)); }

// Mean power density from low_hz to high_hz, by Hann windows of 1024 samples and the sum that defines the transform.
double BandPower(const FloatArray& samples, int rate, double low_hz, double high_hz) {
  constexpr int kWindow = 1024;
  double power = 0;
  int count = 0;
  for (int k = static_cast<int>(std::ceil(low_hz * kWindow / rate)); k * double{1} * rate / kWindow < high_hz; ++k) {
    for (int64_t first = 0; first + kWindow <= samples.size(); first += 4 * kWindow) {
      std::complex<double> sum = 0;
      for (int n = 0; n < kWindow; ++n) {
        const double hann = 0.5 - 0.5 * std::cos(2 * kPi * n / kWindow);
        sum += samples[first + n] * hann * std::polar(1.0, -2 * kPi * k * n / kWindow);
      }
      power += std::norm(sum);
      ++count;
    }
  }
  return power / count;
}

TEST(NoiseTest, WhiteIsNormalAndFlat) {
  ASSERT_OK_AND_ASSIGN(const FloatArray noise, WhiteNoise(1, 400000));
  double mean = 0, square = 0, fourth = 0, neighbour = 0;
  for (int64_t n = 0; n + 1 < noise.size(); ++n) {
    const double x = noise[n];
    mean += x, square += x * x, fourth += x * x * x * x, neighbour += x * noise[n + 1];
  }
  const double count = static_cast<double>(noise.size());
  EXPECT_NEAR(mean / count, 0, 0.008);
  EXPECT_NEAR(square / count, 1, 0.012);
  EXPECT_NEAR(fourth / count, 3, 0.1);
  EXPECT_NEAR(neighbour / count, 0, 0.008);
}

TEST(NoiseTest, PinkHasOneOverFPower) {
  constexpr int kRate = 16000;
  ASSERT_OK_AND_ASSIGN(const FloatArray noise, PinkNoise(2, 800000, kRate));
  // A band of a third of an octave around each.
  const double reference = BandPower(noise, kRate, 450, 550) * 500;
  for (const double hz : {125.0, 250.0, 1000.0, 2000.0, 4000.0}) {
    const double power = BandPower(noise, kRate, 0.95 * hz, 1.05 * hz) * hz;
    EXPECT_NEAR(10 * std::log10(power / reference), 0, 1) << hz;
  }
  EXPECT_NEAR(10 * std::log10(BandPower(noise, kRate, 6200, 6400) * 6300 / reference), 0, 2);
  double square = 0;
  for (const float x : noise) square += static_cast<double>(x) * x;
  EXPECT_NEAR(square / static_cast<double>(noise.size()), 1, 0.1);
}

TEST(NoiseTest, SeedsDecide) {
  ASSERT_OK_AND_ASSIGN(const FloatArray white, WhiteNoise(7, 1000));
  ASSERT_OK_AND_ASSIGN(const FloatArray pink, PinkNoise(7, 1000, 8000));
  ASSERT_OK_AND_ASSIGN(const FloatArray longer_white, WhiteNoise(7, 1500));
  ASSERT_OK_AND_ASSIGN(const FloatArray longer_pink, PinkNoise(7, 1500, 8000));
  EXPECT_TRUE(std::equal(white.begin(), white.end(), longer_white.begin()));
  EXPECT_TRUE(std::equal(pink.begin(), pink.end(), longer_pink.begin()));
  ASSERT_OK_AND_ASSIGN(const FloatArray other, WhiteNoise(8, 1000));
  ASSERT_OK_AND_ASSIGN(const FloatArray other_pink, PinkNoise(8, 1000, 8000));
  EXPECT_NE(Numbers(white), Numbers(other));
  EXPECT_NE(Numbers(pink), Numbers(other_pink));
  EXPECT_OK(WhiteNoise(7, 0));
  EXPECT_THAT(WhiteNoise(7, -1), Invalid("-1 samples"));
  EXPECT_THAT(PinkNoise(7, -1, 8000), Invalid("-1 samples"));
  EXPECT_THAT(PinkNoise(7, 10, 399), Invalid("399 Hz"));
  EXPECT_THAT(PinkNoise(7, 10, 768001), Invalid("768001 Hz"));
}

// The fitted noise is the noise from some sample on, repeated; every beginning occurs.
TEST(NoiseTest, FitLengthCutsOrRepeats) {
  const FloatArray noise = FloatArray::Copy({5}, {0, 1, 2, 3, 4});
  for (const int64_t length : {1, 3, 5, 8, 23}) {
    std::vector<int> beginnings(5, 0);
    for (uint64_t seed = 0; seed < 200; ++seed) {
      ASSERT_OK_AND_ASSIGN(const FloatArray fitted, FitLength(noise, seed, length));
      ASSERT_EQ(fitted.size(), length);
      const int first = static_cast<int>(fitted[0]);
      ++beginnings[static_cast<size_t>(first)];
      for (int64_t n = 0; n < length; ++n) ASSERT_EQ(fitted[n], (first + n) % 5);
      if (length < 5) {
        EXPECT_LE(first + length, 5) << "wrapped without need";
      }
    }
    const int64_t possible = length < 5 ? 5 - length + 1 : 5;
    for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(beginnings[static_cast<size_t>(i)] > 0, i < possible) << length;
  }
  EXPECT_THAT(FitLength(FloatArray(), 1, 5), Invalid("[0]"));
  EXPECT_THAT(FitLength(noise, 1, -5), Invalid("-5 samples"));
}

TEST(NoiseTest, MixedRatioIsTheOneAskedFor) {
  Random random(11);
  for (int round = 0; round < 100; ++round) {
    const int64_t length = 200 + random.Below(2000);
    ASSERT_OK_AND_ASSIGN(const FloatArray speech, PinkNoise(random.Next(), length, 16000));
    ASSERT_OK_AND_ASSIGN(const FloatArray noise, WhiteNoise(random.Next(), length));
    std::vector<ActiveSpan> active;
    std::vector<bool> mask(static_cast<size_t>(length), false);
    for (int i = 0; i < 4; ++i) {
      const int64_t begin = random.Below(length - 1);
      const int64_t end = begin + 1 + random.Below(length - begin);
      active.push_back({begin, end});
      std::fill(mask.begin() + begin, mask.begin() + end, true);
    }
    const double snr = random.Uniform(-20, 40);
    ASSERT_OK_AND_ASSIGN(const FloatArray mixed, MixAtSnr(speech, noise, snr, active));
    double signal = 0, rest = 0;
    for (int64_t n = 0; n < length; ++n) {
      if (!mask[static_cast<size_t>(n)]) continue;
      const double added = static_cast<double>(mixed[n]) - speech[n];
      signal += static_cast<double>(speech[n]) * speech[n];
      rest += added * added;
    }
    EXPECT_NEAR(10 * std::log10(signal / rest), snr, 1e-3);
    // Outside as well, with the same gain.
    ASSERT_OK_AND_ASSIGN(const double gain, NoiseGain(speech, noise, snr, active));
    for (int64_t n = 0; n < length; ++n) ASSERT_NEAR(mixed[n], speech[n] + gain * noise[n], 1e-5 * (1 + 10 * gain));
  }
}

TEST(NoiseTest, NoRatioWithoutSpeechOrNoise) {
  const FloatArray ones = FloatArray::Copy({4}, {1, 1, 1, 1});
  const FloatArray late = FloatArray::Copy({4}, {0, 0, 1, 1});
  const std::vector<ActiveSpan> all = {{0, 4}}, early = {{0, 2}};
  EXPECT_THAT(MixAtSnr(late, ones, 10, early), Invalid("the speech is silent"));
  EXPECT_THAT(MixAtSnr(ones, late, 10, early), Invalid("the noise is silent"));
  EXPECT_THAT(MixAtSnr(ones, ones, 10, {}), Invalid("the speech is silent over the 0 spans"));
  EXPECT_THAT(MixAtSnr(ones, FloatArray::Zeros({3}), 10, all), Invalid("lengths must be equal"));
  EXPECT_THAT(MixAtSnr(ones, ones, std::nan(""), all), Invalid("nan dB"));
  EXPECT_THAT(MixAtSnr(ones, ones, 10, {{2, 5}}), Invalid("[2, 5)"));
  const FloatArray bad = FloatArray::Copy({4}, {1, 1, std::numeric_limits<float>::infinity(), 1});
  EXPECT_THAT(MixAtSnr(ones, bad, 10, all), Invalid("the noise holds a number that is not finite"));
  EXPECT_OK(MixAtSnr(ones, late, 10, all));
}

}  // namespace
}  // namespace diarflow
