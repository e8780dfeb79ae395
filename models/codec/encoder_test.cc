#include "models/codec/encoder.h"

#include <algorithm>
#include <string>
#include <vector>

#include "ATen/ops/from_blob.h"
#include "base/float_array.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "c10/core/GradMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/codec/testing/sound.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {
namespace {

void ExpectMimis(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& samples) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::FromTensors(TableOf(tensors), config, "generated"));
  const at::Tensor latent = EncodeForTraining(config, tensors, samples);
  std::vector<FloatArray> audio;
  for (int64_t i = 0; i < samples.size(0); ++i) audio.push_back(ToFloatArray(samples[i]));
  ASSERT_OK_AND_ASSIGN(const auto expected, mimi->Encode(audio, MimiTap::kLatent12));
  ASSERT_EQ(latent.size(0), samples.size(0));
  for (int64_t i = 0; i < samples.size(0); ++i) {
    const FloatArray& frames = expected[static_cast<size_t>(i)];
    EXPECT_LT(Farthest(latent[i], at::from_blob(const_cast<float*>(frames.data()), frames.shape())), 1e-4);
  }
}

TEST(EncoderTest, IsMimisEncoder) {
  Random random(1);
  for (int round = 0; round < 25; ++round) {
    const MimiConfig config = RandomMimiConfig(random);
    SCOPED_TRACE(config.ShortDebugString());
    const CodecTensors tensors = CodecTensorsOf(RandomMimiWeights(config, random.Next()));
    Disturb(tensors, 0.1, random);
    const std::vector<int64_t> shape = {1 + random.Below(4), kMimiFrameSamples * (1 + random.Below(12))};
    ExpectMimis(config, tensors, RandomNumbers(shape, 0.5, random));
  }
}

TEST(EncoderTest, IsMimisEncoderAtTheSmallSize) {
  Random random(2);
  MimiConfig config = SmallMimiConfig();
  config.set_context(20);  // the window ends inside the piece
  const CodecTensors tensors = CodecTensorsOf(RandomMimiWeights(config, 2));
  ExpectMimis(config, tensors, RandomSound(3, 24 * kMimiFrameSamples, random));
}

// Stored frames go through the same layers: what Mimi gives at its later taps, over several blocks of attention too.
TEST(EncoderTest, StoredFramesBecomeMimisLaterTaps) {
  Random random(4);
  for (int round = 0; round < 8; ++round) {
    MimiConfig config = RandomMimiConfig(random);
    // 2 to 600 frames; windows shorter and longer than a block.
    const int64_t latents = round < 4 ? 1 + random.Below(12) : 120 + random.Below(181);
    config.set_context(round % 2 == 0 ? config.context() : 250 + static_cast<int>(random.Below(100)));
    SCOPED_TRACE(config.ShortDebugString());
    const CodecTensors tensors = CodecTensorsOf(RandomMimiWeights(config, random.Next()));
    Disturb(tensors, 0.1, random);
    ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::FromTensors(TableOf(tensors), config, "generated"));
    const std::vector<FloatArray> audio = {ToFloatArray(RandomNumbers({kMimiFrameSamples * latents}, 0.5, random))};
    const auto tap = [&](MimiTap at) {
      const FloatArray frames = (*mimi->Encode(audio, at))[0];
      return at::from_blob(const_cast<float*>(frames.data()), frames.shape()).clone();
    };
    const int layers = config.num_layers(), middle = static_cast<int>(random.Below(layers + 1));
    const at::Tensor below =
        TransformForTraining(config, tensors, tap(MimiTap::kSeanet).unsqueeze(0), /*from=*/0, middle);
    const at::Tensor frames = TransformForTraining(config, tensors, below, middle, layers);
    const at::Tensor expected = tap(MimiTap::kTransformer25);
    EXPECT_LT(Farthest(frames[0], expected), 1e-4);
    EXPECT_LT(Farthest(HalveForTraining(tensors, frames, HalvedBy::kLearned)[0], tap(MimiTap::kLatent12)), 1e-4);
    const at::Tensor pairs = expected.view({latents, 2, config.dimension()});
    EXPECT_LT(Farthest(HalveForTraining(tensors, frames, HalvedBy::kAveraged)[0], pairs.mean(1)), 1e-4);
    EXPECT_LT(Farthest(HalveForTraining(tensors, frames, HalvedBy::kDecimated)[0], pairs.select(1, 0)), 1e-4);
  }
}

TEST(EncoderTest, GradientsAreThoseOfFiniteDifferences) {
  Random random(3);
  constexpr double kStep = 1e-5;
  for (int round = 0; round < 4; ++round) {
    const MimiConfig config = RandomMimiConfig(random);
    SCOPED_TRACE(config.ShortDebugString());
    CodecTensors tensors = CodecTensorsOf(RandomMimiWeights(config, random.Next()));
    Disturb(tensors, 0.1, random);
    tensors = InDouble(tensors);
    tensors["samples"] = RandomNumbers({2, 3 * kMimiFrameSamples}, 0.5, random).to(at::kDouble);
    const at::Tensor weights = RandomNumbers({2, 3, config.dimension()}, 1, random).to(at::kDouble);
    const auto loss = [&] { return EncodeForTraining(config, tensors, tensors["samples"]).mul(weights).sum(); };
    for (auto& [name, tensor] : tensors) tensor.set_requires_grad(true);
    loss().backward();
    const c10::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : tensors) {
      if (name.rfind("quantizer.", 0) == 0) {
        EXPECT_FALSE(tensor.grad().defined()) << name;
        continue;
      }
      ASSERT_TRUE(tensor.grad().defined()) << name;
      const at::Tensor flat = tensor.view({-1});
      for (int probe = 0; probe < 3; ++probe) {
        at::Tensor number = flat[random.Below(flat.numel())];
        const double gradient = tensor.grad().view({-1})[number.storage_offset()].item<double>();
        number.add_(kStep);
        const double above = loss().item<double>();
        number.sub_(2 * kStep);
        const double below = loss().item<double>();
        number.add_(kStep);
        EXPECT_NEAR((above - below) / (2 * kStep), gradient, 1e-6 + 1e-5 * std::abs(gradient)) << name;
      }
    }
  }
}

}  // namespace
}  // namespace diarflow
