#include "audio/fbank.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "audio/fbank_reference.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A tone, noise and an offset, `level` loud.
FloatArray MakeSignal(int64_t length, double level, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(0, 0.1);
  const double tone = 0.01 + 0.5 * (random() % 1000) / 1000.0;
  FloatArray samples = FloatArray::Zeros({length});
  float* out = samples.mutable_data();
  for (int64_t n = 0; n < length; ++n) {
    out[n] = static_cast<float>(level * (0.3 * std::sin(tone * n) + noise(random) + 0.05));
  }
  return samples;
}

std::vector<float> Values(const FloatArray& array) { return {array.begin(), array.end()}; }

TEST(FbankTest, AgreesWithTheReferenceOnGeneratedShapes) {
  std::mt19937 random(5);
  for (uint32_t i = 0; i < 40; ++i) {
    FbankOptions options;
    if (i > 0) {
      options.sample_rate = 8000 + static_cast<int>(random() % 16000);
      options.window = 2 + static_cast<int>(random() % 600);
      options.hop = 1 + static_cast<int>(random() % 300);
      options.num_bins = 1 + static_cast<int>(random() % 90);
      options.low_hz = random() % 200;
      options.high_hz = i % 3 == 0 ? 0.0 : i % 3 == 1 ? 3000.0 + random() % 1000 : -100.0;
      options.preemphasis = i % 4 == 0 ? 0 : (random() % 1000) / 1000.0;
    }
    const int64_t length = options.window + static_cast<int64_t>(random() % (4 * options.hop));
    // Quiet signals reach the floor of the logarithm.
    const FloatArray samples = MakeSignal(length, i % 5 == 4 ? 1e-5 : 1, i);
    ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create(options));
    ASSERT_OK_AND_ASSIGN(const FloatArray fast, fbank.Compute(samples));
    const std::vector<double> slow = ReferenceFbank(options, samples);
    ASSERT_EQ(fast.size(), static_cast<int64_t>(slow.size()));
    ASSERT_EQ(fast.dim(0), 1 + (length - options.window) / options.hop);
    for (int64_t k = 0; k < fast.size(); ++k) {
      // float32 rounds values up to 16 by 5e-7.
      ASSERT_NEAR(fast[k], slow[static_cast<size_t>(k)], 2e-6) << "case " << i << ", number " << k;
    }
  }
}

TEST(FbankTest, LongInputIsWhatItsPartsAre) {
  // 1300 frames are three blocks.
  const FloatArray samples = MakeSignal(400 + 1299 * 160 + 159, 1, 3);
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  ASSERT_OK_AND_ASSIGN(const FloatArray whole, fbank.Compute(samples));
  ASSERT_EQ(whole.ShapeString(), "[1300, 80]");
  for (const int64_t frame : {0, 511, 512, 1023, 1024, 1299}) {
    FloatArray part = FloatArray::Zeros({400});
    std::copy_n(samples.data() + frame * 160, 400, part.mutable_data());
    ASSERT_OK_AND_ASSIGN(const FloatArray alone, fbank.Compute(part));
    for (int64_t d = 0; d < 80; ++d) EXPECT_NEAR(alone[d], whole[frame * 80 + d], 2e-6);
  }
}

TEST(FbankTest, DigitalSilenceIsTheFloor) {
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  ASSERT_OK_AND_ASSIGN(const FloatArray silence, fbank.Compute(FloatArray::Zeros({1000})));
  for (const float x : silence) EXPECT_FLOAT_EQ(x, std::log(1.1920928955078125e-7));
}

TEST(FbankTest, ShortInputNamesTheNeededLength) {
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  EXPECT_THAT(fbank.Compute(FloatArray::Zeros({399})),
              StatusIs(absl::StatusCode::kOutOfRange, AllOf(HasSubstr("399 samples"), HasSubstr("400 are needed"))));
  EXPECT_THAT(fbank.Compute(FloatArray()), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(fbank.Compute(FloatArray::Zeros({2, 800})), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FbankTest, BadOptionsAreNamed) {
  const auto expect_bad = [](auto change, const char* name) {
    FbankOptions options;
    change(options);
    EXPECT_THAT(Fbank::Create(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  };
  expect_bad([](FbankOptions& o) { o.sample_rate = 0; }, "sample_rate");
  expect_bad([](FbankOptions& o) { o.window = 1; }, "window");
  expect_bad([](FbankOptions& o) { o.hop = 0; }, "hop");
  expect_bad([](FbankOptions& o) { o.num_bins = 0; }, "num_bins");
  expect_bad([](FbankOptions& o) { o.preemphasis = std::nan(""); }, "preemphasis");
  expect_bad([](FbankOptions& o) { o.low_hz = 9000; }, "low_hz");
  expect_bad([](FbankOptions& o) { o.high_hz = 8001; }, "high_hz");
  expect_bad([](FbankOptions& o) { o.high_hz = -8000; }, "low_hz");
}

TEST(MeanOverFramesTest, MeanAndDifference) {
  const FloatArray frames = FloatArray::Copy({3, 2}, {1, 10, 2, 20, 6, 60});
  ASSERT_OK_AND_ASSIGN(const FloatArray mean, MeanOverFrames(frames));
  EXPECT_THAT(Values(mean), testing::ElementsAre(3, 30));
  EXPECT_EQ(mean.ShapeString(), "[2]");
  ASSERT_OK_AND_ASSIGN(const FloatArray centred, SubtractMeanOverFrames(frames));
  EXPECT_THAT(Values(centred), testing::ElementsAre(-2, -20, -1, -10, 3, 30));
  EXPECT_EQ(centred.ShapeString(), "[3, 2]");
  EXPECT_EQ(frames[0], 1);
  EXPECT_THAT(MeanOverFrames(FloatArray::Zeros({0, 2})), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SubtractMeanOverFrames(FloatArray::Zeros({4})), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace diarflow
