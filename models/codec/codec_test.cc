#include "models/codec/codec.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/codec/testing/sound.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/training/adamw.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

TEST(CodecTest, TheLossFalls) {
  const CodecConfig config = TinyCodecConfig();
  ASSERT_OK(CheckCodecConfig(config));
  const CodecParameters parameters = InitialCodecParameters(config, 1);
  Random random(1);
  const at::Tensor sound = RandomSound(8, 8 * kMimiFrameSamples, random);  // 5.1 s
  const at::Tensor other = RandomSound(8, 8 * kMimiFrameSamples, random);
  ASSERT_OK_AND_ASSIGN(const CodecLosses before, CodecLoss(config, parameters, other, 4, nullptr));
  const CodebookTraining training{&random};
  ParameterGroup group;
  group.name = "codec";
  group.parameters = parameters.network;
  group.rate = 3e-3;
  AdamWOptions options;
  options.beta1 = 0.8;
  options.beta2 = 0.99;
  ASSERT_OK_AND_ASSIGN(AdamW adam, AdamW::Create({group}, options));
  for (int step = 0; step < 60; ++step) {
    const int num_codebooks = 2 + static_cast<int>(random.Below(3));
    ASSERT_OK_AND_ASSIGN(const CodecLosses losses, CodecLoss(config, parameters, sound, num_codebooks, &training));
    ASSERT_EQ(losses.use.size(), static_cast<size_t>(num_codebooks));
    losses.total.backward();
    if (step == 0) {
      for (const auto& [name, tensor] : parameters.network) {
        ASSERT_TRUE(tensor.grad().defined()) << name;
        EXPECT_GT(tensor.grad().abs().max().item<double>(), 0) << name;
      }
    }
    ASSERT_OK(adam.Step(1));
    adam.ZeroGrad();
    if (step % 10 == 0) {
      std::printf("step %d: absolute %.3f, rms %.3f, commitment %.4f, perplexity %.1f and %.1f\n", step,
                  losses.absolute, losses.rms, losses.commitment, losses.use[0].perplexity, losses.use[1].perplexity);
    }
  }
  ASSERT_OK_AND_ASSIGN(const CodecLosses after, CodecLoss(config, parameters, other, 4, nullptr));
  std::printf("other sound: absolute %.3f to %.3f\n", before.absolute, after.absolute);
  EXPECT_LT(after.absolute, 0.6 * before.absolute);
  EXPECT_LT(after.total.item<double>(), 0.6 * before.total.item<double>());
  EXPECT_GT(after.use[0].perplexity, 2);
  EXPECT_GT(after.use[1].perplexity, 2);
}

TEST(CodecTest, TheLossIsTheSumOfItsParts) {
  Random random(2);
  CodecConfig config = TinyCodecConfig();
  const CodecParameters parameters = InitialCodecParameters(config, 1);
  const at::Tensor sound = RandomSound(2, kMimiFrameSamples, random);
  ASSERT_OK_AND_ASSIGN(const CodecLosses losses, CodecLoss(config, parameters, sound, 3, nullptr));
  EXPECT_NEAR(losses.total.item<double>(), losses.absolute + 0.25 * losses.rms + 0.25 * losses.commitment, 1e-5);
  EXPECT_GT(losses.rms, losses.absolute);
  EXPECT_GT(losses.commitment, 0);
  config.rms_weight = 2;
  config.commitment_weight = 0;
  ASSERT_OK_AND_ASSIGN(const CodecLosses other, CodecLoss(config, parameters, sound, 3, nullptr));
  EXPECT_NEAR(other.total.item<double>(), losses.absolute + 2 * losses.rms, 1e-5);
}

TEST(CodecTest, TheSameSeedsGiveTheSameNumbers) {
  const CodecConfig config = TinyCodecConfig();
  std::vector<double> totals;
  for (int run = 0; run < 2; ++run) {
    const CodecParameters parameters = InitialCodecParameters(config, 7);
    Random random(3);
    const CodebookTraining training{&random};
    for (int batch = 0; batch < 2; ++batch) {
      ASSERT_OK_AND_ASSIGN(const CodecLosses losses,
                           CodecLoss(config, parameters, RandomSound(2, 3 * kMimiFrameSamples, random), 4, &training));
      totals.push_back(losses.total.item<double>());
    }
  }
  EXPECT_EQ(totals[0], totals[2]);
  EXPECT_EQ(totals[1], totals[3]);
  EXPECT_NE(totals[0], totals[1]);
}

TEST(CodecTest, MimiTakesTheTensors) {
  const CodecConfig config = TinyCodecConfig();
  const CodecParameters parameters = InitialCodecParameters(config, 1);
  Random random(4);
  const CodebookTraining training{&random};
  const at::Tensor sound = RandomSound(1, 6 * kMimiFrameSamples, random);
  ASSERT_OK(CodecLoss(config, parameters, sound, 4, &training));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi,
                       MimiEncoder::FromTensors(TableOf(MimiTensors(parameters)), config.mimi, "trained"));
  EXPECT_OK(mimi->EncodeCodes({ToFloatArray(sound[0])}));
  const size_t all = AllTensors(parameters).size();
  EXPECT_EQ(all, parameters.network.size() + parameters.codebooks.size());
  EXPECT_EQ(MimiTensors(parameters).size(), all - 6);
  EXPECT_EQ(parameters.codebooks.size(), 3u * 4);
  // Handles to the same numbers, for a trainer that reads a checkpoint into them.
  AllTensors(parameters).at("head.2.bias").detach().fill_(5);
  EXPECT_EQ(parameters.network.at("head.2.bias").min().item<float>(), 5);
}

TEST(CodecTest, BadInputIsNamedAndChangesNothing) {
  const CodecConfig config = TinyCodecConfig();
  const CodecParameters parameters = InitialCodecParameters(config, 1);
  Random random(5);
  const CodebookTraining training{&random};
  const auto expect = [&](const at::Tensor& samples, int num_codebooks, const char* message) {
    EXPECT_THAT(CodecLoss(config, parameters, samples, num_codebooks, &training).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  const at::Tensor good = RandomSound(2, kMimiFrameSamples, random);
  expect(good[0], 4, "samples [1920]");
  expect(good.narrow(1, 0, 1919), 4, "samples [2, 1919]; needed are [B, N], N a multiple of 1920");
  expect(good.narrow(1, 0, 0), 4, "samples [2, 0]");
  expect(good.narrow(0, 0, 0), 4, "samples [0, 1920]");
  expect(good, 0, "0 codebooks are asked for; there are 4");
  expect(good, 5, "5 codebooks");
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    at::Tensor broken = good.clone();
    broken[1][7].fill_(bad);
    expect(broken, 4, "a sample is not finite");
  }
  const CodebookTraining without_random;
  EXPECT_THAT(CodecLoss(config, parameters, good, 4, &without_random).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("need random numbers")));
  EXPECT_EQ(parameters.codebooks.at("quantizer.rvq_first.vq.layers.0._codebook._initialized").item<float>(), 0);
}

TEST(CodecTest, BadConfigsAreNamed) {
  EXPECT_OK(CheckCodecConfig(SmallCodecConfig()));
  const auto expect = [](void (*change)(CodecConfig*), const char* message) {
    CodecConfig config = SmallCodecConfig();
    change(&config);
    EXPECT_THAT(CheckCodecConfig(config), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect([](CodecConfig* config) { config->mimi.set_num_heads(0); }, "num_heads is 0");
  expect([](CodecConfig* config) { config->head_width = 0; }, "head_width is 0");
  expect([](CodecConfig* config) { config->head_width = int64_t{1} << 40; }, "head_width is 1099511627776");
  expect([](CodecConfig* config) { config->rms_weight = -1; }, "a weight of the loss is -1");
  expect([](CodecConfig* config) { config->commitment_weight = NAN; }, "a weight of the loss is nan");
}

}  // namespace
}  // namespace diarflow
