#include "audio/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr double kPi = 3.14159265358979323846;

// f(t) at the times n / rate.
FloatArray Sampled(int64_t length, int rate, const std::function<double(double)>& f) {
  FloatArray samples = FloatArray::Zeros({length});
  float* out = samples.mutable_data();
  for (int64_t n = 0; n < length; ++n) out[n] = static_cast<float>(f(static_cast<double>(n) / rate));
  return samples;
}

// The sine of a known frequency nearest to samples [begin, end) in the sense of least squares.
struct Fit {
  double amplitude = 0;
  double delay = 0;        // seconds, against sin(2 pi hz t)
  double residual_db = 0;  // root mean square of all that is not the tone, relative to a sine of amplitude 1
};

Fit FitTone(const FloatArray& samples, int rate, double hz, int64_t begin, int64_t end) {
  double ss = 0, cc = 0, sc = 0, ys = 0, yc = 0;
  for (int64_t n = begin; n < end; ++n) {
    const double angle = 2 * kPi * hz * static_cast<double>(n) / rate;
    const double s = std::sin(angle), c = std::cos(angle), y = samples[n];
    ss += s * s, cc += c * c, sc += s * c, ys += y * s, yc += y * c;
  }
  const double determinant = ss * cc - sc * sc;
  const double a = (ys * cc - yc * sc) / determinant, b = (yc * ss - ys * sc) / determinant;
  double rest = 0;
  for (int64_t n = begin; n < end; ++n) {
    const double angle = 2 * kPi * hz * static_cast<double>(n) / rate;
    rest += std::pow(samples[n] - a * std::sin(angle) - b * std::cos(angle), 2);
  }
  Fit fit;
  fit.amplitude = std::hypot(a, b);
  fit.delay = -std::atan2(b, a) / (2 * kPi * hz);
  fit.residual_db = 10 * std::log10(2 * rest / static_cast<double>(end - begin) + 1e-30);
  return fit;
}

// A tone of 2 s, 16 to 24 kHz, fitted over its middle half.
Fit ResampledTone(double hz) {
  const FloatArray tone = Sampled(32000, 16000, [hz](double t) { return std::sin(2 * kPi * hz * t); });
  const absl::StatusOr<FloatArray> resampled = Resample(tone, 16000, 24000);
  if (!resampled.ok()) {
    ADD_FAILURE() << resampled.status();
    return {};
  }
  return FitTone(*resampled, 24000, hz, 12000, 36000);
}

TEST(ResampleTest, PassbandKeepsAmplitudeAndTime) {
  for (const double hz : {100, 1000, 3000, 5000, 6000}) {
    EXPECT_NEAR(ResampledTone(hz).amplitude, 1, 1e-4) << hz;
  }
  EXPECT_NEAR(ResampledTone(7000).amplitude, 1, 1e-3);
  for (const double hz : {1000, 5000}) EXPECT_NEAR(ResampledTone(hz).delay * 24000, 0, 1e-3) << hz;
}

TEST(ResampleTest, ConstantInputStaysConstant) {
  const FloatArray constant = Sampled(32000, 16000, [](double) { return 0.75; });
  ASSERT_OK_AND_ASSIGN(const FloatArray resampled, Resample(constant, 16000, 24000));
  for (int64_t n = 12000; n < 36000; ++n) ASSERT_NEAR(resampled[n], 0.75, 0.75e-5);
}

TEST(ResampleTest, TransitionBand) {
  const double db_7500 = 20 * std::log10(ResampledTone(7500).amplitude);
  EXPECT_GT(db_7500, -0.5);
  EXPECT_LT(db_7500, 0.01);
  EXPECT_LT(20 * std::log10(ResampledTone(7900).amplitude), -15);
}

TEST(ResampleTest, NothingButTheTone) {
  for (const double hz : {5000, 6000, 7000, 7500}) EXPECT_LT(ResampledTone(hz).residual_db, -90) << hz;
}

TEST(ResampleTest, ChirpIsTheAnalyticChirp) {
  const auto chirp = [](double t) { return std::sin(2 * kPi * (100 * t + 1600 * t * t)); };
  ASSERT_OK_AND_ASSIGN(const FloatArray resampled, Resample(Sampled(32000, 16000, chirp), 16000, 24000));
  const FloatArray expected = Sampled(48000, 24000, chirp);
  ASSERT_EQ(resampled.size(), 48000);
  for (int64_t n = 2400; n < 45600; ++n) ASSERT_NEAR(resampled[n], expected[n], 1e-4) << n;
}

TEST(ResampleTest, LengthIsRoundedUp) {
  EXPECT_EQ(ResampledLength(1, 16000, 24000), 2);
  EXPECT_EQ(ResampledLength(2, 16000, 24000), 3);
  EXPECT_EQ(ResampledLength(3, 16000, 24000), 5);
  EXPECT_EQ(ResampledLength(160, 16000, 24000), 240);
  EXPECT_EQ(ResampledLength(1601, 16000, 24000), 2402);
  EXPECT_EQ(ResampledLength(0, 44100, 24000), 0);
  // Beyond what a product in 64 bits can hold.
  EXPECT_EQ(ResampledLength(int64_t{1} << 45, 1, 131072), int64_t{1} << 62);

  std::mt19937 random(1);
  for (const int from : {44100, 22050, 96000, 8000, 11025, 48000, 16001}) {
    for (const int to : {24000, 16000}) {
      for (int i = 0; i < 12; ++i) {
        const int64_t n = i < 3 ? i + 1 : static_cast<int64_t>(random() % 9000);
        ASSERT_OK_AND_ASSIGN(const FloatArray resampled, Resample(FloatArray::Zeros({n}), from, to));
        EXPECT_EQ(resampled.size(), static_cast<int64_t>(std::ceil(static_cast<double>(n) * to / from)))
            << n << " samples from " << from << " to " << to;
      }
    }
  }
}

TEST(ResampleTest, ImpulseStaysInPlaceAndIsSymmetric) {
  const int ratios[][2] = {{16000, 24000}, {44100, 24000}, {24000, 16000},
                           {8000, 16000},  {96000, 24000}, {22050, 16000}};
  for (const auto& [from, to] : ratios) {
    // The impulse lies at a time that both rates have a sample at.
    const int divisor = std::gcd(from, to);
    const int64_t blocks = 1 + 4000 / (from / divisor);
    const int64_t in = blocks * (from / divisor), out = blocks * (to / divisor);
    FloatArray impulse = FloatArray::Zeros({2 * in});
    impulse.mutable_data()[in] = 1;
    ASSERT_OK_AND_ASSIGN(const FloatArray resampled, Resample(impulse, from, to));
    EXPECT_EQ(std::max_element(resampled.begin(), resampled.end()) - resampled.begin(), out) << from << " to " << to;
    for (int64_t k = 1; k < out; ++k) ASSERT_NEAR(resampled[out - k], resampled[out + k], 1e-6) << from << " to " << to;
  }
}

// Band-limited interpolation by its definition: every output sample a sum over a Kaiser-windowed sinc, cut off in the
// middle of the transition band that resample.h states.
std::vector<double> SlowResample(const FloatArray& input, int from, int to) {
  const double cutoff = 0.955 * std::min(1.0, static_cast<double>(to) / from);  // 1: the input's Nyquist frequency
  constexpr double kBeta = 14;
  const double kaiser_top = std::cyl_bessel_i(0, kBeta);
  const double half = 160 / cutoff;  // input samples on each side
  std::vector<double> output;
  for (int64_t j = 0; j * from < input.size() * to; ++j) {
    const double centre = static_cast<double>(j) * from / to;
    double sum = 0;
    const int64_t last = std::min<int64_t>(input.size() - 1, static_cast<int64_t>(std::floor(centre + half)));
    for (int64_t n = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - half))); n <= last; ++n) {
      const double x = centre - static_cast<double>(n);
      const double sinc = std::abs(x) < 1e-12 ? cutoff : std::sin(kPi * cutoff * x) / (kPi * x);
      const double u = x / half;
      const double kaiser = std::cyl_bessel_i(0, kBeta * std::sqrt(std::max(0.0, 1 - u * u))) / kaiser_top;
      sum += input[n] * sinc * kaiser;
    }
    output.push_back(sum);
  }
  return output;
}

TEST(ResampleTest, AgreesWithTheDefinitionOnGeneratedSounds) {
  std::mt19937 random(9);
  const int rates[] = {8000, 11025, 16000, 22050, 24000, 44100, 48000, 12345};
  for (int i = 0; i < 14; ++i) {
    const int from = rates[random() % 8], to = rates[random() % 8];
    const int64_t length = 700 + static_cast<int64_t>(random() % 800);
    // Up to 85 % of the lower Nyquist frequency, where both filters pass everything; it fades in and out.
    std::vector<double> hz, phase;
    for (int k = 0; k < 5; ++k) {
      hz.push_back(0.85 * std::min(from, to) / 2 * (random() % 1000) / 1000.0);
      phase.push_back(random() % 1000);
    }
    const double duration = static_cast<double>(length) / from;
    const FloatArray input = Sampled(length, from, [&](double t) {
      double sum = 0;
      for (size_t k = 0; k < hz.size(); ++k) sum += 0.2 * std::sin(2 * kPi * hz[k] * t + phase[k]);
      return sum * std::pow(std::sin(kPi * t / duration), 4);
    });
    ASSERT_OK_AND_ASSIGN(const FloatArray fast, Resample(input, from, to));
    const std::vector<double> slow = SlowResample(input, from, to);
    ASSERT_EQ(fast.size(), static_cast<int64_t>(slow.size()));
    for (int64_t n = 0; n < fast.size(); ++n) {
      ASSERT_NEAR(fast[n], slow[static_cast<size_t>(n)], 3e-7) << from << " to " << to << ", sample " << n;
    }
  }
}

TEST(ResampleTest, EqualRatesShareTheSamples) {
  const FloatArray samples = FloatArray::Copy({3}, {1, 2, 3});
  ASSERT_OK_AND_ASSIGN(const FloatArray same, Resample(samples, 16000, 16000));
  EXPECT_EQ(same.data(), samples.data());
  ASSERT_OK_AND_ASSIGN(const FloatArray empty, Resample(FloatArray(), 16000, 24000));
  EXPECT_EQ(empty.ShapeString(), "[0]");
}

TEST(ResampleStreamTest, PiecesGiveWhatTheWholeGives) {
  std::minstd_rand random(11);
  for (const auto& [from_hz, to_hz] : std::vector<std::pair<int, int>>{
           {48000, 16000}, {44100, 16000}, {16000, 24000}, {8000, 16000}, {16000, 16000}, {22050, 24000}}) {
    for (const int64_t length : {1, 50, 4000, 60001}) {
      FloatArray whole = FloatArray::Zeros({length});
      for (int64_t n = 0; n < length; ++n) whole.mutable_data()[n] = static_cast<float>(random() % 2000) / 1000.f - 1;
      ASSERT_OK_AND_ASSIGN(const FloatArray expected, Resample(whole, from_hz, to_hz));
      ASSERT_OK_AND_ASSIGN(ResampleStream stream, ResampleStream::Create(from_hz, to_hz));
      std::vector<float> given;
      for (int64_t begin = 0; begin < length;) {
        const int64_t end = std::min<int64_t>(length, begin + static_cast<int64_t>(random() % 3000));
        const std::vector<float> piece(whole.begin() + begin, whole.begin() + end);
        ASSERT_OK_AND_ASSIGN(const FloatArray more, stream.Push(FloatArray::Copy({end - begin}, piece)));
        given.insert(given.end(), more.begin(), more.end());
        EXPECT_EQ(stream.position(), static_cast<int64_t>(given.size()));
        begin = end;
        // It comes late, but not by more than .15 s.
        EXPECT_GE(static_cast<double>(given.size()) / to_hz, static_cast<double>(begin) / from_hz - 0.15);
      }
      ASSERT_OK_AND_ASSIGN(const FloatArray tail, stream.Flush());
      given.insert(given.end(), tail.begin(), tail.end());
      ASSERT_EQ(static_cast<int64_t>(given.size()), expected.size()) << from_hz << " " << to_hz << " " << length;
      for (int64_t n = 0; n < expected.size(); ++n) {
        ASSERT_NEAR(given[static_cast<size_t>(n)], expected[n], 1e-6) << from_hz << " " << to_hz << " " << n;
      }
    }
  }
  EXPECT_THAT(ResampleStream::Create(0, 16000), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(ResampleStream stream, ResampleStream::Create(8000, 16000));
  EXPECT_THAT(stream.Push(FloatArray::Zeros({2, 2})), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ResampleTest, BadInputIsAStatus) {
  const FloatArray samples = FloatArray::Zeros({10});
  const int rates[][2] = {{0, 16000},      {16000, 0},      {-1, 16000}, {16000, -24000},
                          {768001, 16000}, {16000, 768001}, {0, 0}};
  for (const auto& [from, to] : rates) {
    EXPECT_THAT(Resample(samples, from, to), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 to 768000")));
  }
  EXPECT_THAT(Resample(FloatArray::Zeros({2, 5}), 16000, 24000),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[2, 5]")));
  EXPECT_OK(Resample(samples, 768000, 8000));
  EXPECT_OK(Resample(samples, 8000, 768000));
}

}  // namespace
}  // namespace diarflow
