#include "models/titanet/titanet.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/randn.h"
#include "audio/nemo_log_mel.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/titanet/network.h"
#include "models/titanet/titanet_weights.h"
#include "models/weights/safetensors.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSeed = 5;

FloatArray Noise(int64_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray noise = FloatArray::Zeros({samples});
  float before = 0;
  for (int64_t i = 0; i < samples; ++i) {
    before = 0.9f * before + static_cast<float>(static_cast<double>(random()) / 4294967296.0 - 0.5);
    noise.mutable_data()[i] = 0.1f * before;
  }
  return noise;
}

// |a - b| / |b|.
double Apart(const float* a, const float* b, int64_t size) {
  double apart = 0, length = 0;
  for (int64_t i = 0; i < size; ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    length += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(apart / length);
}
double Apart(const at::Tensor& a, const at::Tensor& b) {
  return Apart(a.contiguous().const_data_ptr<float>(), b.contiguous().const_data_ptr<float>(), a.numel());
}
double Apart(const FloatArray& a, const FloatArray& b) { return Apart(a.data(), b.data(), a.size()); }

const TitanetWeights& Weights() {
  static const auto& weights = *new TitanetWeights(RandomTitanetWeights(kSeed));
  return weights;
}

const TitanetEncoder& Encoder() {
  static const auto& encoder = *new TitanetEncoder::Ptr(*TitanetEncoder::Random(kSeed));
  return *encoder;
}

TensorTable Table(const TitanetWeights& weights) {
  TensorTable table("made.nemo");
  for (const auto& [name, values] : weights) EXPECT_OK(table.AddFloats(name, values));
  return table;
}

TEST(TitanetTest, TensorsAreThoseOfTheReleasedFile) {
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/titanet_keys.json"));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  const nlohmann::json keys = nlohmann::json::parse(text);
  const std::vector<ExpectedTensor> tensors = TitanetTensors();
  EXPECT_EQ(keys.size(), 124u);
  ASSERT_EQ(tensors.size(), keys.size());
  for (const auto& key : keys) {
    const auto name = key[0].get<std::string>();
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const ExpectedTensor& tensor) { return tensor.name == name; });
    ASSERT_NE(found, tensors.end()) << name;
    // The classifier has as many rows as the training had speakers.
    if (name == "decoder.final.weight") continue;
    EXPECT_EQ(found->shape, key[1].get<std::vector<int64_t>>()) << name;
  }
}

TEST(TitanetTest, SaysWhatItIs) {
  EXPECT_EQ(Encoder().Description(), "untrained TitaNet-large (seed 5)");
  EXPECT_EQ(Encoder().parameter_count(), 22122288);
  EXPECT_FALSE(Encoder().trained());
  ASSERT_OK_AND_ASSIGN(const auto current, TitanetEncoder::Random(kSeed, NemoMelForm::kCurrent));
  EXPECT_EQ(current->Description(), "untrained TitaNet-large (seed 5), current front end");
  EXPECT_EQ(current->weights_digest(), Encoder().weights_digest());
  EXPECT_NE(current->Fingerprint(), Encoder().Fingerprint());
}

// With a classifier of any size, and with the front end's tables, which are not used.
TEST(TitanetTest, LoadsWhatItFindsInAFile) {
  TensorTable table = Table(Weights());
  ASSERT_OK(table.AddFloats("decoder.final.weight", FloatArray::Zeros({77, 192})));
  ASSERT_OK(table.AddFloats("preprocessor.featurizer.window", FloatArray::Zeros({400})));
  ASSERT_OK(table.AddInts("encoder.encoder.0.mconv.2.num_batches_tracked", {}, {5}));
  const std::string path = JoinPath(testing::TempDir(), "titanet.safetensors");
  ASSERT_OK(WriteSafetensors(path, table));
  ASSERT_OK_AND_ASSIGN(const auto loaded, TitanetEncoder::Load(path));
  EXPECT_EQ(loaded->Description(), "TitaNet-large, weights titanet.safetensors");
  EXPECT_TRUE(loaded->trained());
  const FloatArray audio = Noise(8000, 1);
  ASSERT_OK_AND_ASSIGN(const auto embeddings, loaded->Embed({audio}));
  ASSERT_OK_AND_ASSIGN(const auto expected, Encoder().Embed({audio}));
  EXPECT_LT(Apart(embeddings[0], expected[0]), 1e-6);
}

TEST(TitanetTest, RefusesWrongWeights) {
  const std::string name = "encoder.encoder.2.mconv.6.conv.weight";
  TitanetWeights renamed = Weights();
  renamed["encoder.encoder.2.mconv.6.weight"] = renamed[name];
  renamed.erase(name);
  EXPECT_THAT(TitanetEncoder::FromTensors(Table(renamed), "made"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("made.nemo does not hold the weights of TitaNet-large: tensor \"" + name +
                                 "\" is missing (the nearest name that is not used is "
                                 "\"encoder.encoder.2.mconv.6.weight\")")));
  TitanetWeights misshapen = Weights();
  misshapen[name] = FloatArray::Zeros({1024, 1023, 1});
  EXPECT_THAT(TitanetEncoder::FromTensors(Table(misshapen), "made"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("instead of [1024, 1024, 1]")));
}

TEST(TitanetNetworkTest, FoldedBatchNormsChangeNothing) {
  const c10::InferenceMode guard;
  const TitanetNetwork folded(Weights(), BatchNormForm::kFolded), apart(Weights(), BatchNormForm::kApart);
  const at::Tensor features = at::randn({2, 60, 80});
  EXPECT_LT(Apart(folded.Forward(features, {60, 41}, nullptr), apart.Forward(features, {60, 41}, nullptr)), 1e-5);
}

TEST(TitanetNetworkTest, FeaturesMayStandInAnyOrder) {
  const c10::InferenceMode guard;
  const TitanetNetwork network(Weights(), BatchNormForm::kFolded);
  const at::Tensor turned = at::randn({2, 80, 60}).transpose(1, 2);
  const at::Tensor expected = network.Forward(turned.contiguous(), {60, 60}, nullptr);
  EXPECT_EQ(Apart(network.Forward(turned, {60, 60}, nullptr), expected), 0);
}

// What stands behind the audio in a batch changes nothing, be it silence or junk.
TEST(TitanetNetworkTest, PaddingChangesNothing) {
  const c10::InferenceMode guard;
  const TitanetNetwork network(Weights(), BatchNormForm::kFolded);
  const at::Tensor features = at::randn({1, 70, 80});
  const at::Tensor alone = network.Forward(features.narrow(1, 0, 43), {43}, nullptr);
  at::Tensor junk = features.clone(), silent = features.clone();
  junk.narrow(1, 43, 27).mul_(1000);
  silent.narrow(1, 43, 27).zero_();
  for (const at::Tensor& padded : {features, junk, silent}) {
    EXPECT_LT(Apart(network.Forward(padded, {43}, nullptr), alone), 1e-5);
  }
  EXPECT_GT(Apart(network.Forward(features, {44}, nullptr), alone), 1e-3);
  EXPECT_GT(Apart(network.Forward(features, {70}, nullptr), alone), 1e-3);
}

TEST(TitanetTest, ABatchGivesWhatEachGivesAlone) {
  std::vector<FloatArray> audio;
  uint32_t seed = 0;
  for (const int64_t samples : {16000, 257, 16000, 20000, 416, 16000}) audio.push_back(Noise(samples, ++seed));
  ASSERT_OK_AND_ASSIGN(const auto together, Encoder().Embed(audio));
  for (size_t i = 0; i < audio.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto alone, Encoder().Embed({audio[i]}));
    EXPECT_LT(Apart(together[i], alone[0]), 1e-5) << i;
    for (size_t k = 0; k < i; ++k) EXPECT_GT(Apart(together[i], together[k]), 1e-3) << i << ", " << k;
  }
}

TEST(TitanetTest, FeaturesGiveWhatTheirAudioGives) {
  const std::vector<FloatArray> audio = {Noise(16000, 1), Noise(8000, 2), Noise(16000, 3)};
  const NemoLogMel log_mel(Encoder().form());
  std::vector<FloatArray> features;
  for (const FloatArray& samples : audio) features.push_back(*log_mel.Normalised(samples));
  ASSERT_OK_AND_ASSIGN(const auto of_audio, Encoder().Embed(audio));
  ASSERT_OK_AND_ASSIGN(const auto of_features, Encoder().EmbedFeatures(features));
  for (size_t i = 0; i < audio.size(); ++i) EXPECT_EQ(Apart(of_features[i], of_audio[i]), 0) << i;
  EXPECT_THAT(Encoder().EmbedFeatures({FloatArray::Zeros({9, 79})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[9, 79]")));
}

TEST(TitanetTest, WindowsAreWhatEachGivesAlone) {
  const FloatArray audio = Noise(50000, 3);
  ASSERT_OK_AND_ASSIGN(const FloatArray windows, Encoder().EmbedWindows(audio, 24000, 3200));
  ASSERT_EQ(windows.ShapeString(), "[9, 192]");
  for (const int64_t w : {0, 5, 8}) {
    FloatArray piece = FloatArray::Zeros({24000});
    std::copy_n(audio.data() + w * 3200, 24000, piece.mutable_data());
    ASSERT_OK_AND_ASSIGN(const auto alone, Encoder().Embed({piece}));
    EXPECT_LT(Apart(windows.data() + w * 192, alone[0].data(), 192), 1e-5) << w;
  }
}

TEST(TitanetTest, DefinedForAnyAudio) {
  ASSERT_OK_AND_ASSIGN(const auto silent, Encoder().Embed({FloatArray::Zeros({16000})}));
  EXPECT_EQ(silent[0].FirstNotFinite(), -1);
  FloatArray nan = Noise(16000, 1);
  nan.mutable_data()[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Encoder().Embed({Noise(16000, 1), nan}),
              StatusIs(absl::StatusCode::kInvalidArgument, "item 1: TitaNet: the audio is nan at sample 5"));
  EXPECT_THAT(Encoder().Embed({Noise(256, 1)}),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("256 samples (0.016 s), at least 257")));
  EXPECT_THAT(Encoder().Embed({FloatArray::Zeros({2, 16000})}), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const auto none, Encoder().Embed({}));
  EXPECT_TRUE(none.empty());
  const FloatArray three_hours = FloatArray::Zeros({3 * 3600 * int64_t{kTitanetSampleRate}});
  EXPECT_THAT(Encoder().Embed({three_hours}), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("cut it into pieces")));
  ASSERT_OK_AND_ASSIGN(const FloatArray windows,
                       Encoder().EmbedWindows(three_hours, 8000, 900 * int64_t{kTitanetSampleRate}));
  EXPECT_EQ(windows.dim(0), 12);
}

}  // namespace
}  // namespace diarflow
