// Bfloat16 against float, on real speech and on noise, and streams that come and go in one batch.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/kernels/packed_matrix.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

FloatArray Noise(int64_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray audio = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) audio.mutable_data()[i] = static_cast<float>(random()) * 0x1p-32f - 0.5f;
  return audio;
}

FloatArray Cut(const FloatArray& audio, int64_t begin, int64_t count) {
  FloatArray piece = FloatArray::Zeros({count});
  std::copy_n(audio.data() + begin, count, piece.mutable_data());
  return piece;
}

// ||a - b|| / ||b||.
double RelativeDistance(const FloatArray& a, const FloatArray& b) {
  if (a.shape() != b.shape()) return INFINITY;
  double squares = 0, all = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    squares += std::pow(static_cast<double>(a[i]) - b[i], 2);
    all += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(squares / all);
}

// Voices are sums of tones that change, seldom noise.
FloatArray Tones(int64_t samples) {
  FloatArray audio = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / kMimiSampleRate;
    double value = 0;
    for (int harmonic = 1; harmonic < 20; ++harmonic) {
      value += std::sin(2 * M_PI * harmonic * (120 + 30 * std::sin(3 * t)) * t) / harmonic;
    }
    audio.mutable_data()[i] = static_cast<float>(0.2 * value * (1 + std::sin(9 * t)));
  }
  return audio;
}

TEST(PrecisionTest, Bfloat16IsWithinOnePercent) {
  if (FastestMimiPrecision() != MimiPrecision::kBfloat16) {
    EXPECT_THAT(MimiEncoder::Random(SmallMimiConfig(), 1, MimiPrecision::kBfloat16),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("FLOAT32")));
    GTEST_SKIP() << "this CPU has no fast bfloat16 products";
  }
  for (const MimiConfig& config : {SmallMimiConfig(), ReleasedMimiConfig()}) {
    ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr exact, MimiEncoder::Random(config, 1));
    ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr fast, MimiEncoder::Random(config, 1, MimiPrecision::kBfloat16));
    EXPECT_NE(exact->Fingerprint(), fast->Fingerprint());
    for (const FloatArray& audio : {Noise(2 * kMimiSampleRate, 3), Tones(2 * kMimiSampleRate)}) {
      for (const MimiTap tap : {MimiTap::kSeanet, MimiTap::kLatent12}) {
        ASSERT_OK_AND_ASSIGN(const auto expected, exact->Encode({audio}, tap));
        ASSERT_OK_AND_ASSIGN(const auto got, fast->Encode({audio}, tap));
        const double distance = RelativeDistance(got[0], expected[0]);
        std::cout << MimiSizeName(config) << ", tap " << static_cast<int>(tap) << ": " << 100 * distance << " %\n";
        // In a narrow network fewer roundings meet in a sum.
        EXPECT_LT(distance, MimiSizeName(config) == "small" ? 0.015 : 0.01);
        // It is another computation, not the same one.
        EXPECT_GT(distance, 1e-4);
        // Steps give what the whole gives, to what rounding in other places makes of it.
        ASSERT_OK_AND_ASSIGN(MimiState state, fast->NewState(1, tap));
        ASSERT_OK_AND_ASSIGN(const auto first, fast->Step(state, {Cut(audio, 0, 5 * kMimiFrameSamples)}));
        ASSERT_OK_AND_ASSIGN(const auto second,
                             fast->Step(state, {Cut(audio, 5 * kMimiFrameSamples, 20 * kMimiFrameSamples)}));
        double farthest = 0;
        for (int64_t i = 0; i < second[0].size(); ++i) {
          farthest = std::max<double>(farthest, std::fabs(second[0][i] - got[0][first[0].size() + i]));
        }
        EXPECT_LT(farthest, 0.05);
      }
    }
  }
}

// On two threads a piece is cut, and each part begins from the samples before it.
TEST(PrecisionTest, ThreadsGiveWhatOneGives) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 1));
  const std::vector<FloatArray> audio = {Noise(3 * kMimiSampleRate, 1), Noise(50000, 2), Noise(1, 3)};
  SetModelThreads(1);
  ASSERT_OK_AND_ASSIGN(const auto alone, mimi->Encode(audio, MimiTap::kLatent12));
  for (const int threads : {2, 3, 7}) {
    SetModelThreads(threads);
    for (size_t i = 0; i < audio.size(); ++i) {
      ASSERT_OK_AND_ASSIGN(const auto one, mimi->Encode({audio[i]}, MimiTap::kLatent12));
      EXPECT_LT(RelativeDistance(one[0], alone[i]), 1e-5) << threads;
    }
    ASSERT_OK_AND_ASSIGN(const auto all, mimi->Encode(audio, MimiTap::kLatent12));
    for (size_t i = 0; i < audio.size(); ++i) EXPECT_LT(RelativeDistance(all[i], alone[i]), 1e-5) << threads;
  }
  SetModelThreads(1);
}

// On a CPU without the kernels: slower, the same numbers.
TEST(PrecisionTest, GeneralProductsGiveTheSame) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 1));
  const std::vector<FloatArray> audio = {Noise(2 * kMimiSampleRate, 1), Noise(3000, 2)};
  ASSERT_OK_AND_ASSIGN(const auto expected, mimi->Encode(audio, MimiTap::kLatent12));
  UseGeneralProducts(true);
  const auto got = mimi->Encode(audio, MimiTap::kLatent12);
  EXPECT_THAT(MimiEncoder::Random(SmallMimiConfig(), 1, MimiPrecision::kBfloat16),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("bfloat16")));
  UseGeneralProducts(false);
  ASSERT_OK(got);
  for (size_t i = 0; i < audio.size(); ++i) EXPECT_LT(RelativeDistance((*got)[i], expected[i]), 1e-5);
}

TEST(PrecisionTest, MaskedStreamsStayAsTheyAre) {
  MimiConfig config = SmallMimiConfig();
  config.set_context(20);
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(config, 1));
  constexpr int64_t kStreams = 3, kSteps = 60;
  std::vector<FloatArray> audio;
  for (uint32_t i = 0; i < kStreams; ++i) audio.push_back(Noise(kSteps * kMimiFrameSamples, i));
  ASSERT_OK_AND_ASSIGN(const auto whole, mimi->Encode(audio, MimiTap::kLatent12));
  ASSERT_OK_AND_ASSIGN(MimiState state, mimi->NewState(kStreams, MimiTap::kLatent12));
  std::mt19937 random(1);
  std::vector<int64_t> heard(kStreams, 0);
  for (int step = 0; step < 90; ++step) {
    std::vector<bool> mask;
    std::vector<FloatArray> pieces;
    for (size_t i = 0; i < kStreams; ++i) {
      mask.push_back(random() % 2 == 0 && heard[i] < kSteps);
      // What is left out is not looked at: not even a NaN.
      pieces.push_back(mask[i] ? Cut(audio[i], heard[i] * kMimiFrameSamples, kMimiFrameSamples)
                               : FloatArray::Copy({1}, {NAN}));
    }
    ASSERT_OK_AND_ASSIGN(const auto frames, mimi->Step(state, pieces, mask));
    for (size_t i = 0; i < kStreams; ++i) {
      if (!mask[i]) {
        EXPECT_TRUE(frames[i].empty());
        continue;
      }
      for (int64_t k = 0; k < frames[i].size(); ++k) {
        ASSERT_NEAR(frames[i][k], whole[i][heard[i] * config.dimension() + k], 5e-5) << i << " " << step;
      }
      ++heard[i];
      EXPECT_EQ(state.position(static_cast<int64_t>(i)), heard[i] * kMimiFrameSamples);
    }
  }
  EXPECT_GT(heard[0], 30);
  // A place that another stream takes over.
  state.Reset(1);
  EXPECT_EQ(state.position(1), 0);
  ASSERT_OK_AND_ASSIGN(
      const auto fresh,
      mimi->Step(state, {FloatArray(), Cut(audio[2], 0, kMimiFrameSamples), FloatArray()}, {false, true, false}));
  for (int64_t k = 0; k < fresh[1].size(); ++k) ASSERT_NEAR(fresh[1][k], whole[2][k], 5e-5);
  EXPECT_THAT(mimi->Step(state, audio, {true}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mask")));
  ASSERT_OK_AND_ASSIGN(const auto none, mimi->Step(state, audio, {false, false, false}));
  EXPECT_THAT(none, testing::Each(testing::Property(&FloatArray::empty, true)));
}

}  // namespace
}  // namespace diarflow
