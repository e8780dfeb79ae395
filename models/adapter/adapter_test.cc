#include "models/adapter/adapter.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/arange.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/randn.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/adapter/adapter_weights.h"
#include "models/adapter/network.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"
#include "models/weights/testing/torch_zip_writer.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

FloatArray Noise(int64_t frames, int64_t width, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray noise = FloatArray::Zeros({frames, width});
  for (int64_t i = 0; i < noise.size(); ++i) {
    noise.mutable_data()[i] = static_cast<float>(static_cast<double>(random()) / 2147483648.0 - 1);
  }
  return noise;
}

double Apart(const FloatArray& a, const FloatArray& b) {
  EXPECT_EQ(a.shape(), b.shape());
  double apart = 0;
  for (int64_t i = 0; i < b.size(); ++i) apart = std::max(apart, std::fabs(static_cast<double>(a[i]) - b[i]));
  return apart;
}

TensorTable TableOf(const AdapterConfig& config, const std::string& prefix) {
  TensorTable table;
  for (const auto& [name, values] : RandomAdapterWeights(config, 1)) EXPECT_OK(table.AddFloats(prefix + name, values));
  return table;
}

TEST(AdapterConfigTest, NamesWhatCannotBe) {
  EXPECT_OK(CheckAdapterConfig(AdapterConfig()));
  EXPECT_OK(CheckAdapterConfig(ProofOfConceptAdapterConfig()));
  EXPECT_OK(CheckAdapterConfig(SmallAdapterConfig(3)));
  const auto expect = [](void (*change)(AdapterConfig*), const char* message) {
    AdapterConfig config;
    change(&config);
    EXPECT_THAT(CheckAdapterConfig(config), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
    EXPECT_FALSE(Adapter::Random(config, 1).ok());
  };
  expect([](AdapterConfig* config) { config->set_input_width(0); }, "input_width is 0; it must be 1 to");
  expect([](AdapterConfig* config) { config->set_feed_forward(1 << 30); }, "feed_forward is 1073741824");
  expect([](AdapterConfig* config) { config->set_num_layers(-1); }, "num_layers is -1");
  expect([](AdapterConfig* config) { config->set_num_speakers(0); }, "num_speakers is 0");
  expect([](AdapterConfig* config) { config->set_width(385); }, "width is 385; it must be even");
  expect([](AdapterConfig* config) { config->set_num_heads(7); }, "must be a multiple of num_heads (7)");
  expect([](AdapterConfig* config) { config->set_input_projection(false); },
         "without input_projection, input_width (512) and width (384) must be the same");
}

TEST(AdapterTest, HasTheParametersOfTheOriginal) {
  AdapterConfig config;
  EXPECT_EQ(AdapterTensors(config).size(), 52u);
  ASSERT_OK_AND_ASSIGN(const auto adapter, Adapter::Random(config, 1));
  EXPECT_EQ(adapter->parameter_count(), 7296388);
  config.set_input_width(704);
  EXPECT_EQ(CountParameters(RandomAdapterWeights(config, 1)), 7370116);
  EXPECT_EQ(AdapterTensors(ProofOfConceptAdapterConfig()).size(), 50u);
  // 4 layers of 12 matrices' worth of numbers, and the head.
  EXPECT_EQ(CountParameters(RandomAdapterWeights(ProofOfConceptAdapterConfig(), 1)),
            4 * (4 * 512 * 513 + 1024 * 513 + 512 * 1025 + 4 * 512) + 4 * 513);
}

TEST(AdapterTest, ABatchIsWhatEachItemIsAlone) {
  for (const AdapterConfig& config : {SmallAdapterConfig(6), AdapterConfig(), ProofOfConceptAdapterConfig()}) {
    ASSERT_OK_AND_ASSIGN(const auto adapter, Adapter::Random(config, 2));
    std::vector<FloatArray> latents;
    for (const int64_t frames : {30, 1, 77, 30, 12}) {
      latents.push_back(Noise(frames, config.input_width(), static_cast<uint32_t>(latents.size())));
    }
    ASSERT_OK_AND_ASSIGN(const auto together, adapter->Logits(latents));
    ASSERT_EQ(together.size(), latents.size());
    for (size_t i = 0; i < latents.size(); ++i) {
      ASSERT_OK_AND_ASSIGN(const auto alone, adapter->Logits({latents[i]}));
      EXPECT_EQ(together[i].dim(0), latents[i].dim(0));
      EXPECT_EQ(together[i].dim(1), 4);
      EXPECT_LT(Apart(together[i], alone[0]), 1e-5);
    }
  }
}

TEST(AdapterTest, ManyItemsTakeSeveralPasses) {
  ASSERT_OK_AND_ASSIGN(const auto adapter, Adapter::Random(SmallAdapterConfig(3), 2));
  std::vector<FloatArray> latents;
  for (uint32_t i = 0; i < 9; ++i) latents.push_back(Noise(900 + 10 * i, 3, i));
  ASSERT_OK_AND_ASSIGN(const auto together, adapter->Logits(latents));
  for (size_t i = 0; i < latents.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto alone, adapter->Logits({latents[i]}));
    EXPECT_LT(Apart(together[i], alone[0]), 1e-5);
  }
  ASSERT_OK_AND_ASSIGN(const auto none, adapter->Logits({}));
  EXPECT_TRUE(none.empty());
}

TEST(AdapterTest, BadLatentsAreNamed) {
  ASSERT_OK_AND_ASSIGN(const auto adapter, Adapter::Random(SmallAdapterConfig(3), 1));
  const auto expect = [&](const FloatArray& latents, absl::StatusCode code, const char* message) {
    EXPECT_THAT(adapter->CheckLatents(latents), StatusIs(code, HasSubstr(message)));
    EXPECT_THAT(adapter->Logits({Noise(2, 3, 1), latents}), StatusIs(code, HasSubstr("item 1: Adapter: ")));
  };
  FloatArray nan = Noise(4, 3, 1);
  nan.mutable_data()[7] = std::numeric_limits<float>::quiet_NaN();
  expect(nan, absl::StatusCode::kInvalidArgument, "number 1 of frame 2 is nan");
  expect(Noise(4, 5, 1), absl::StatusCode::kInvalidArgument, "shape [4, 5], but this adapter takes [T, 3]");
  expect(FloatArray::Zeros({12}), absl::StatusCode::kInvalidArgument, "shape [12]");
  expect(FloatArray::Zeros({0, 3}), absl::StatusCode::kOutOfRange, "there are no frames");
  expect(FloatArray::Zeros({kAdapterMaxFrames + 1, 3}), absl::StatusCode::kOutOfRange, "cut the recording into pieces");
  FloatArray huge = FloatArray::Zeros({4, 3});
  for (int64_t i = 0; i < huge.size(); ++i) huge.mutable_data()[i] = std::numeric_limits<float>::max();
  EXPECT_THAT(adapter->Logits({huge}), StatusIs(absl::StatusCode::kInternal, HasSubstr("too large")));
}

TEST(AdapterTest, TheStateDictMayStandInsideADict) {
  const AdapterConfig config = SmallAdapterConfig(3);
  const FloatArray latents = Noise(9, 3, 1);
  ASSERT_OK_AND_ASSIGN(const auto plain, Adapter::FromTensors(TableOf(config, ""), config, "plain"));
  ASSERT_OK_AND_ASSIGN(const auto expected, plain->Logits({latents}));
  for (const std::string prefix : {"model.", "state_dict.", "model_state_dict.", "state_dict.model."}) {
    TensorTable table = TableOf(config, prefix);
    if (prefix == "model_state_dict.") {
      EXPECT_OK(table.AddFloats("optimizer_state_dict.state.0.exp_avg", FloatArray::Zeros({2})));
    }
    ASSERT_OK_AND_ASSIGN(const auto adapter, Adapter::FromTensors(table, config, "best.pt"));
    ASSERT_OK_AND_ASSIGN(const auto logits, adapter->Logits({latents}));
    EXPECT_EQ(Apart(logits[0], expected[0]), 0);
    EXPECT_EQ(adapter->Description(), "adapter, weights best.pt");
    EXPECT_TRUE(adapter->trained());
  }
  TensorTable mixed = TableOf(config, "model.");
  EXPECT_OK(mixed.AddFloats("other.bias", FloatArray::Zeros({2})));
  EXPECT_THAT(Adapter::FromTensors(mixed, config, "mixed"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Adapter::FromTensors(TensorTable(), config, "empty"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Adapter::FromTensors(TableOf(config, ""), SmallAdapterConfig(5), "wide"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("proj.weight")));
}

TEST(AdapterTest, LoadsAFile) {
  const AdapterConfig config = SmallAdapterConfig(3);
  const std::string path = testing::TempDir() + "/adapter.safetensors";
  ASSERT_OK(WriteSafetensors(path, TableOf(config, "")));
  ASSERT_OK_AND_ASSIGN(const auto loaded, Adapter::Load(path, config));
  ASSERT_OK_AND_ASSIGN(const auto made, Adapter::Random(config, 1));
  ASSERT_OK_AND_ASSIGN(const auto a, loaded->Logits({Noise(9, 3, 1)}));
  ASSERT_OK_AND_ASSIGN(const auto b, made->Logits({Noise(9, 3, 1)}));
  EXPECT_EQ(Apart(a[0], b[0]), 0);
  EXPECT_EQ(loaded->Description(), "adapter, weights adapter.safetensors");
  EXPECT_FALSE(Adapter::Load(path + ".missing", config).ok());
}

// As training programs write them: a dict with the state dict and the epoch in it.
TEST(AdapterTest, LoadsATorchCheckpoint) {
  const AdapterConfig config = SmallAdapterConfig(3);
  std::string inner = "}(";
  std::vector<std::pair<std::string, std::string>> storages;
  for (const auto& [name, values] : RandomAdapterWeights(config, 1)) {
    TensorSpec tensor{name, std::to_string(storages.size()), "FloatStorage", values.size(), 0, values.shape(), {}};
    tensor.strides = {1};
    if (values.shape().size() == 2) tensor.strides = {values.dim(1), 1};
    inner += PickleText(name) + PickleTensor(tensor);
    storages.push_back({tensor.storage, FloatBytes({values.begin(), values.end()})});
  }
  const std::string pickle =
      MakePickle({}, PickleText("epoch") + PickleInt(7) + PickleText("model_state_dict") + inner + "u");
  const std::string path = testing::TempDir() + "/best.pt";
  ASSERT_OK(WriteFileAtomically(path, MakeTorchZip(pickle, storages)));
  ASSERT_OK_AND_ASSIGN(const auto loaded, Adapter::Load(path, config));
  ASSERT_OK_AND_ASSIGN(const auto made, Adapter::Random(config, 1));
  ASSERT_OK_AND_ASSIGN(const auto a, loaded->Logits({Noise(9, 3, 1)}));
  ASSERT_OK_AND_ASSIGN(const auto b, made->Logits({Noise(9, 3, 1)}));
  EXPECT_EQ(Apart(a[0], b[0]), 0);
}

TEST(AdapterTest, TheFingerprintDependsOnWeightsAndConfig) {
  AdapterConfig config = SmallAdapterConfig(4);
  ASSERT_OK_AND_ASSIGN(const auto one, Adapter::Random(config, 1));
  ASSERT_OK_AND_ASSIGN(const auto again, Adapter::Random(config, 1));
  ASSERT_OK_AND_ASSIGN(const auto two, Adapter::Random(config, 2));
  EXPECT_EQ(one->Fingerprint(), again->Fingerprint());
  EXPECT_NE(one->Fingerprint(), two->Fingerprint());
  EXPECT_NE(one->weights_digest(), two->weights_digest());
  EXPECT_FALSE(one->trained());
  EXPECT_EQ(one->Description(), "untrained adapter (seed 1)");
  config.set_num_heads(4);  // the same tensors
  ASSERT_OK_AND_ASSIGN(const auto other, Adapter::Random(config, 1));
  EXPECT_EQ(one->weights_digest(), other->weights_digest());
  EXPECT_NE(one->Fingerprint(), other->Fingerprint());
  EXPECT_EQ(other->config().num_heads(), 4);
}

TEST(SigmoidTest, HasNoOverflow) {
  const FloatArray p = Sigmoid(FloatArray::Copy({1, 4}, {0, 1, -1000, 1000}));
  EXPECT_EQ(p.ShapeString(), "[1, 4]");
  EXPECT_EQ(p[0], 0.5f);
  EXPECT_FLOAT_EQ(p[1], 0.7310586f);
  EXPECT_EQ(p[2], 0);
  EXPECT_EQ(p[3], 1);
  EXPECT_TRUE(Sigmoid(FloatArray::Zeros({0, 4})).empty());
}

// For training: every parameter gets a gradient, which is the slope of the loss.
TEST(AdapterForwardTest, EveryParameterGetsItsGradient) {
  const AdapterConfig config = SmallAdapterConfig(3);
  AdapterParameters parameters;
  for (const auto& [name, tensor] : AdapterParametersOf(RandomAdapterWeights(config, 1))) {
    parameters[name] = tensor.to(at::kDouble).set_requires_grad(true);
  }
  FloatArray noise = Noise(7, 3, 1);
  const at::Tensor x = at::from_blob(noise.mutable_data(), {1, 7, 3}).to(at::kDouble);
  const auto loss = [&] { return AdapterForward(config, parameters, x, at::Tensor(), AdapterPass()).pow(2).sum(); };
  loss().backward();
  constexpr double kStep = 1e-5;
  for (auto& [name, tensor] : parameters) {
    ASSERT_TRUE(tensor.grad().defined()) << name;
    const at::Tensor numbers = tensor.detach().view({-1});
    const double slope = tensor.grad().view({-1}).select(0, 1).item<double>();
    const auto moved = [&](double by) {
      numbers.select(0, 1).add_(by);
      const double value = loss().item<double>();
      numbers.select(0, 1).sub_(by);
      return value;
    };
    EXPECT_NEAR((moved(kStep) - moved(-kStep)) / (2 * kStep), slope, 1e-5 * (1 + std::fabs(slope))) << name;
  }
}

// The attention of long items is computed in pieces.
TEST(AdapterForwardTest, PiecesAreWhatTheWholeIs) {
  const AdapterConfig config = SmallAdapterConfig(3);
  const AdapterParameters parameters = AdapterParametersOf(RandomAdapterWeights(config, 1));
  constexpr int64_t kFrames = 1000, kLong = 3100;
  const at::Tensor x = at::randn({1, kLong, 3});
  const at::Tensor padding = at::arange(kLong).ge(kFrames).unsqueeze(0);
  const at::Tensor pieces = AdapterForward(config, parameters, x, padding, AdapterPass());
  const at::Tensor whole = AdapterForward(config, parameters, x.narrow(1, 0, kFrames), at::Tensor(), AdapterPass());
  EXPECT_LT(pieces.narrow(1, 0, kFrames).sub(whole).abs().max().item<double>(), 1e-5);
}

TEST(AdapterForwardTest, DropoutChangesWhatComesOut) {
  const AdapterConfig config = SmallAdapterConfig(3);
  const AdapterParameters parameters = AdapterParametersOf(RandomAdapterWeights(config, 1));
  const at::Tensor x = at::randn({1, 7, 3});
  AdapterPass pass;
  const at::Tensor plain = AdapterForward(config, parameters, x, at::Tensor(), pass);
  pass.dropout = 0.1;
  const at::Tensor dropped = AdapterForward(config, parameters, x, at::Tensor(), pass);
  EXPECT_GT(plain.sub(dropped).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace diarflow
