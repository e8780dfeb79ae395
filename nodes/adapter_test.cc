// The node Adapter on made latents, with random weights.
#include "models/adapter/adapter.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "nodes/adapter_model.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

Frames Latents(int64_t frames, int64_t width, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray values = FloatArray::Zeros({frames, width});
  for (int64_t i = 0; i < values.size(); ++i) {
    values.mutable_data()[i] = static_cast<float>(static_cast<double>(random()) / 2147483648.0 - 1);
  }
  return {values, FrameGrid{24000, 1920, 1920, 48000}, std::make_shared<const std::string>("noise")};
}

std::shared_ptr<const AdapterModelResource> Model() {
  auto model = std::make_shared<AdapterModelResource>();
  auto adapter = Adapter::Random(SmallAdapterConfig(6), 1);
  EXPECT_OK(adapter);
  model->adapter = *adapter;
  return model;
}

TEST(AdapterNodeTest, GivesProbabilitiesOrLogitsOnTheSameGrid) {
  const auto model = Model();
  const std::vector<int64_t> lengths = {20, 7, 1, 20};
  for (const bool logits : {false, true}) {
    NodeRunner runner(logits ? "type: \"Adapter\" batch { size: 4 } options { [diarflow/Adapter] { output: LOGITS } }"
                             : "type: \"Adapter\" batch { size: 4 }");
    runner.SetResource("MODEL", model);
    for (size_t i = 0; i < lengths.size(); ++i) {
      runner.Push("FRAMES", Latents(lengths[i], 6, static_cast<uint32_t>(i)));
    }
    ASSERT_OK(runner.Run());
    for (size_t i = 0; i < lengths.size(); ++i) {
      const Frames* activity = runner.Output<Frames>("FRAMES", i);
      ASSERT_NE(activity, nullptr);
      const Frames latents = Latents(lengths[i], 6, static_cast<uint32_t>(i));
      EXPECT_EQ(activity->grid.first_sample, 48000);
      EXPECT_EQ(activity->grid.hop, 1920);
      EXPECT_EQ(*activity->producer,
                logits ? "untrained adapter (seed 1), logits" : "untrained adapter (seed 1), probabilities");
      ASSERT_OK_AND_ASSIGN(const auto alone, model->adapter->Logits({latents.values}));
      ASSERT_EQ(activity->values.shape(), alone[0].shape());
      for (int64_t k = 0; k < alone[0].size(); ++k) {
        const double expected = logits ? alone[0][k] : 1 / (1 + std::exp(-alone[0][k]));
        ASSERT_NEAR(activity->values[k], expected, 1e-5);
      }
    }
  }
}

TEST(AdapterNodeTest, BadFramesFailAlone) {
  NodeRunner runner("type: \"Adapter\" batch { size: 4 }");
  runner.SetResource("MODEL", Model());
  Frames nan = Latents(5, 6, 1);
  nan.values.mutable_data()[8] = std::numeric_limits<float>::infinity();
  runner.Push("FRAMES", Latents(5, 4, 1));
  runner.Push("FRAMES", Latents(0, 6, 1));
  runner.Push("FRAMES", std::move(nan));
  runner.Push("FRAMES", Latents(5, 6, 1));
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 3);
  EXPECT_THAT(runner.report().failure(0).message(), HasSubstr("shape [5, 4], but this adapter takes [T, 6]"));
  EXPECT_THAT(runner.report().failure(1).message(), HasSubstr("there are no frames"));
  EXPECT_NE(runner.Output<Frames>("FRAMES", 3), nullptr);
}

}  // namespace
}  // namespace diarflow
