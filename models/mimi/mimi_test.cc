// The encoder against the slow reference on generated networks, and its behaviour towards batches and bad input.
#include "models/mimi/mimi.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/testing/mimi_reference.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FloatArray Noise(int64_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray audio = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) audio.mutable_data()[i] = static_cast<float>(random()) * 0x1p-32f - 0.5f;
  return audio;
}

double Farthest(const FloatArray& a, const FloatArray& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  double farthest = 0;
  for (int64_t i = 0; i < a.size(); ++i) farthest = std::max<double>(farthest, std::fabs(a[i] - b[i]));
  return farthest;
}

double Farthest(const FloatArray& a, const ReferenceFrames& b) {
  if (a.dim(0) != static_cast<int64_t>(b.size()) || a.dim(1) != static_cast<int64_t>(b[0].size())) return INFINITY;
  double farthest = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    farthest =
        std::max(farthest, std::fabs(a[i] - b[static_cast<size_t>(i / a.dim(1))][static_cast<size_t>(i % a.dim(1))]));
  }
  return farthest;
}

// A random network of a few channels: other ratios, kernels, widths and windows than the released one.
MimiConfig RandomConfig(std::mt19937& random) {
  const std::vector<std::vector<int>> kRatios = {{4, 5, 6, 8}, {8, 6, 5, 4}, {2, 3, 4, 5, 8}, {10, 12, 8}};
  MimiConfig config;
  for (const int ratio : kRatios[random() % kRatios.size()]) config.add_ratios(ratio);
  config.set_compress(1 + static_cast<int>(random() % 2));
  config.set_n_filters(config.compress() * (1 + static_cast<int>(random() % 3)));
  config.set_kernel_size(1 + static_cast<int>(random() % 9));
  config.set_residual_kernel_size(1 + static_cast<int>(random() % 4));
  config.set_last_kernel_size(1 + static_cast<int>(random() % 4));
  config.set_num_heads(1 + static_cast<int>(random() % 3));
  config.set_dimension(config.num_heads() * 2 * (1 + static_cast<int>(random() % 4)));
  config.set_num_layers(1 + static_cast<int>(random() % 3));
  config.set_feed_forward(5 + static_cast<int>(random() % 20));
  config.set_context(1 + static_cast<int>(random() % 12));
  config.set_rope_max_period(100);
  config.set_norm_epsilon(1e-4);
  config.set_layer_scale_init(0.5);
  config.set_codebook_dimension(3);
  config.set_codebook_size(1 + static_cast<int>(random() % 20));
  config.set_num_codebooks(2 + static_cast<int>(random() % 4));
  return FillMimiConfig(config);
}

TEST(MimiTest, AgreesWithTheReferenceOnGeneratedNetworks) {
  std::mt19937 random(11);
  int64_t codes_compared = 0, codes_differing = 0;
  for (int round = 0; round < 25; ++round) {
    const MimiConfig config = RandomConfig(random);
    SCOPED_TRACE(config.ShortDebugString());
    const FloatArray audio = Noise(1 + random() % 25000, round);
    ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(config, round));
    const MimiWeights weights = RandomMimiWeights(config, round);
    ReferenceFrames frames = ReferenceSeanet(config, weights, audio, ReferencePadding::kWaveform);
    ASSERT_OK_AND_ASSIGN(const auto seanet, mimi->Encode({audio}, MimiTap::kSeanet));
    EXPECT_LT(Farthest(seanet[0], frames), 1e-5);
    frames = ReferenceTransformer(config, weights, frames, 0);
    ASSERT_OK_AND_ASSIGN(const auto transformer, mimi->Encode({audio}, MimiTap::kTransformer25));
    EXPECT_LT(Farthest(transformer[0], frames), 1e-5);
    frames = ReferenceDownsample(weights, frames);
    ASSERT_OK_AND_ASSIGN(const auto latent, mimi->Encode({audio}, MimiTap::kLatent12));
    EXPECT_LT(Farthest(latent[0], frames), 1e-5);
    ASSERT_OK_AND_ASSIGN(const auto codes, mimi->EncodeCodes({audio}));
    const auto expected = ReferenceCodes(config, weights, frames);
    ASSERT_EQ(codes[0].codebooks, static_cast<int64_t>(expected.size()));
    for (int64_t level = 0; level < codes[0].codebooks; ++level) {
      for (int64_t t = 0; t < codes[0].frames; ++t) {
        ++codes_compared;
        codes_differing += codes[0].at(level, t) != expected[level][t] ? 1 : 0;
      }
    }
  }
  // Float32 may turn a close call of the latent, never many.
  EXPECT_LE(codes_differing * 200, codes_compared);
  EXPECT_GT(codes_compared, 300);
}

TEST(MimiTest, ItemsOfABatchGiveWhatTheyGiveAlone) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 3));
  std::vector<FloatArray> audio;
  const int64_t kSizes[] = {48000, 1, 1919, 1920, 1921, 72000, 30000};
  for (const int64_t size : kSizes) audio.push_back(Noise(size, static_cast<uint32_t>(size)));
  for (const MimiTap tap : {MimiTap::kSeanet, MimiTap::kTransformer25, MimiTap::kLatent12}) {
    ASSERT_OK_AND_ASSIGN(const auto together, mimi->Encode(audio, tap));
    ASSERT_EQ(together.size(), audio.size());
    for (size_t i = 0; i < audio.size(); ++i) {
      ASSERT_OK_AND_ASSIGN(const auto alone, mimi->Encode({audio[i]}, tap));
      EXPECT_THAT(together[i].shape(), ElementsAre(MimiTapFrames(tap, kSizes[i]), 128));
      EXPECT_LT(Farthest(together[i], alone[0]), 1e-5) << i;
    }
  }
  ASSERT_OK_AND_ASSIGN(const auto none, mimi->Encode({}, MimiTap::kLatent12));
  EXPECT_THAT(none, IsEmpty());
}

TEST(MimiTest, LongAudioTakesSeveralPassesAndGivesWhatItsPartsGive) {
  MimiConfig config = SmallMimiConfig();
  config.set_num_layers(1);
  config.set_context(20);
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(config, 3));
  const FloatArray audio = Noise(40 * kMimiSampleRate + 77, 1);
  ASSERT_OK_AND_ASSIGN(const auto whole, mimi->Encode({audio}, MimiTap::kLatent12));
  EXPECT_THAT(whole[0].shape(), ElementsAre(501, 128));
  // Two items leave half the time for each pass: other borders, the same numbers.
  ASSERT_OK_AND_ASSIGN(const auto batch, mimi->Encode(std::vector<FloatArray>(6, audio), MimiTap::kLatent12));
  EXPECT_LT(Farthest(whole[0], batch[5]), 5e-5);
}

TEST(MimiTest, CodesOfFewerCodebooksAreTheFirstOnes) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 3));
  const FloatArray audio = Noise(20000, 5);
  ASSERT_OK_AND_ASSIGN(const auto all, mimi->EncodeCodes({audio}));
  ASSERT_OK_AND_ASSIGN(const auto three, mimi->EncodeCodes({audio}, 3));
  EXPECT_EQ(all[0].codebooks, 8);
  EXPECT_EQ(three[0].codebooks, 3);
  EXPECT_EQ(three[0].frames, 11);
  EXPECT_TRUE(std::equal(three[0].values.begin(), three[0].values.end(), all[0].values.begin()));
  EXPECT_THAT(mimi->EncodeCodes({audio}, 9), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there are 8")));
  EXPECT_THAT(mimi->EncodeCodes({audio}, -1), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1 codebooks")));
}

TEST(MimiTest, BadAudioIsNamed) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 3));
  const FloatArray good = Noise(100, 1);
  FloatArray nan = Noise(100, 1), infinite = Noise(100, 1);
  nan.mutable_data()[42] = NAN;
  infinite.mutable_data()[99] = -INFINITY;
  const auto encode = [&](const FloatArray& bad) { return mimi->Encode({good, bad}, MimiTap::kLatent12).status(); };
  EXPECT_THAT(encode(nan),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("item 1"), HasSubstr("nan at sample 42"))));
  EXPECT_THAT(encode(infinite), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-inf at sample 99")));
  EXPECT_THAT(encode(FloatArray()), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("item 1 has no samples")));
  EXPECT_THAT(encode(FloatArray::Zeros({2, 50})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("item 1 has the shape [2, 50]")));
  EXPECT_THAT(mimi->EncodeCodes({nan}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("item 0")));
  EXPECT_THAT(mimi->Quantize(FloatArray::Zeros({3, 64})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[T, 128], not [3, 64]")));
  FloatArray latent = FloatArray::Zeros({3, 128});
  latent.mutable_data()[300] = NAN;
  EXPECT_THAT(mimi->Quantize(latent), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("frame 2")));
  MimiConfig config = SmallMimiConfig();
  config.set_num_heads(7);
  EXPECT_THAT(MimiEncoder::Random(config, 1), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("num_heads")));
}

TEST(MimiTest, LoudAndSilentAudioStayFinite) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 3));
  FloatArray loud = Noise(4000, 1);
  for (int64_t i = 0; i < loud.size(); ++i) loud.mutable_data()[i] *= 1e4f;
  ASSERT_OK_AND_ASSIGN(const auto latents, mimi->Encode({loud, FloatArray::Zeros({4000})}, MimiTap::kLatent12));
  for (const FloatArray& latent : latents) {
    EXPECT_TRUE(std::all_of(latent.begin(), latent.end(), [](float value) { return std::isfinite(value); }));
  }
}

// The digest pins the generator: the same seed must give the same weights on every machine, and for good.
TEST(MimiTest, RandomWeightsArePinned) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr one, MimiEncoder::Random(SmallMimiConfig(), 1));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr again, MimiEncoder::Random(SmallMimiConfig(), 1));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr two, MimiEncoder::Random(SmallMimiConfig(), 2));
  EXPECT_EQ(one->weights_digest(), "176c55bf953863cd9da832910ea80cacbbfd8fdf10928b2c8e6838f7f0708eea");
  EXPECT_EQ(one->Fingerprint(), again->Fingerprint());
  EXPECT_NE(one->Fingerprint(), two->Fingerprint());
  EXPECT_EQ(one->Description(), "untrained small Mimi (seed 1)");
  EXPECT_FALSE(one->trained());
  // Another configuration of the same weights is another encoder.
  MimiConfig config = SmallMimiConfig();
  config.set_context(20);
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr narrow, MimiEncoder::Random(config, 1));
  EXPECT_EQ(one->weights_digest(), narrow->weights_digest());
  EXPECT_NE(one->Fingerprint(), narrow->Fingerprint());
}

TEST(MimiTest, RandomWeightsAreScaledByFanIn) {
  for (const auto& [name, values] : RandomMimiWeights(SmallMimiConfig(), 5)) {
    if (values.size() < 4096 || values.shape().size() < 2) continue;
    double sum = 0, squares = 0;
    for (const float value : values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    const double count = static_cast<double>(values.size());
    const double fan_in =
        name.find("embedding_sum") != std::string::npos ? 1 : count / static_cast<double>(values.dim(0));
    EXPECT_NEAR(squares / count * fan_in, 1, 0.06) << name;
    EXPECT_LT(std::fabs(sum / count), 4 / std::sqrt(fan_in * count)) << name;
  }
}

TEST(MimiTest, ThreadsMayShareAnEncoder) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 3));
  std::vector<FloatArray> audio, expected, got(4);
  for (uint32_t i = 0; i < 4; ++i) {
    audio.push_back(Noise(10000 + 3000 * i, i));
    ASSERT_OK_AND_ASSIGN(const auto latent, mimi->Encode({audio[i]}, MimiTap::kLatent12));
    expected.push_back(latent[0]);
  }
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto latent = mimi->Encode({audio[i]}, MimiTap::kLatent12);
      if (latent.ok()) got[i] = (*latent)[0];
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 4; ++i) EXPECT_LT(Farthest(got[i], expected[i]), 1e-5);
}

}  // namespace
}  // namespace diarflow
