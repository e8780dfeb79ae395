#include "models/campplus/campplus.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/from_blob.h"
#include "audio/fbank.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/campplus/campplus_weights.h"
#include "models/campplus/network.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr uint64_t kSeed = 5;

FloatArray Noise(int64_t samples, uint32_t seed, double loudness = 0.1) {
  std::mt19937 random(seed);
  FloatArray noise = FloatArray::Zeros({samples});
  float* out = noise.mutable_data();
  float before = 0;
  for (int64_t i = 0; i < samples; ++i) {
    // Louder where the frequencies are low, as speech is.
    before = 0.9f * before + static_cast<float>(static_cast<double>(random()) / 4294967296.0 - 0.5);
    out[i] = static_cast<float>(loudness) * before;
  }
  return noise;
}

FloatArray Features(int64_t frames, uint32_t seed) {
  const FloatArray noise = Noise(frames * 80, seed, 2);
  FloatArray features = FloatArray::Zeros({frames, 80});
  std::copy(noise.begin(), noise.end(), features.mutable_data());
  return features;
}

// |a - b| / |b|.
double Apart(const FloatArray& a, const FloatArray& b) {
  EXPECT_EQ(a.shape(), b.shape());
  double apart = 0, size = 0;
  for (int64_t i = 0; i < b.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    size += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(apart / size);
}

FloatArray ToFloatArray(const at::Tensor& tensor) {
  const at::Tensor numbers = tensor.contiguous();
  FloatArray array = FloatArray::Zeros(numbers.sizes().vec());
  std::copy_n(numbers.const_data_ptr<float>(), array.size(), array.mutable_data());
  return array;
}

const CampplusEncoder& Encoder() {
  static const CampplusEncoder::Ptr& encoder = *new CampplusEncoder::Ptr(*CampplusEncoder::Random(kSeed));
  return *encoder;
}

TensorTable Table(const CampplusWeights& weights) {
  TensorTable table("made.pt");
  for (const auto& [name, values] : weights) EXPECT_OK(table.AddFloats(name, values));
  return table;
}

std::vector<FloatArray> Embed(const std::vector<FloatArray>& audio) {
  const auto embeddings = Encoder().Embed(audio);
  EXPECT_OK(embeddings);
  return embeddings.ok() ? *embeddings : std::vector<FloatArray>(audio.size());
}

TEST(CampplusTest, TensorsAreThoseOfTheReleasedFile) {
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/campplus_keys.json"));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  const auto keys = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const std::vector<ExpectedTensor> tensors = CampplusTensors();
  EXPECT_EQ(tensors.size(), keys.size());
  for (const ExpectedTensor& tensor : tensors) {
    ASSERT_TRUE(keys.contains(tensor.name)) << tensor.name;
    EXPECT_EQ(keys[tensor.name]["shape"].get<std::vector<int64_t>>(), tensor.shape) << tensor.name;
    EXPECT_EQ(keys[tensor.name]["dtype"] == "int64", tensor.unused) << tensor.name;
  }
}

TEST(CampplusTest, SaysWhatItIs) {
  EXPECT_EQ(Encoder().Description(), "untrained CAM++ (seed 5)");
  EXPECT_EQ(Encoder().parameter_count(), 6848544);
  EXPECT_FALSE(Encoder().trained());
  ASSERT_OK_AND_ASSIGN(const auto same, CampplusEncoder::Random(kSeed));
  ASSERT_OK_AND_ASSIGN(const auto other, CampplusEncoder::Random(kSeed + 1));
  EXPECT_EQ(Encoder().Fingerprint(), same->Fingerprint());
  EXPECT_NE(Encoder().Fingerprint(), other->Fingerprint());
}

TEST(CampplusTest, LoadsWhatItFindsInAFile) {
  const TensorTable table = Table(RandomCampplusWeights(kSeed));
  const std::string path = JoinPath(testing::TempDir(), "campplus.safetensors");
  ASSERT_OK(WriteSafetensors(path, table));
  ASSERT_OK_AND_ASSIGN(const auto loaded, CampplusEncoder::Load(path));
  EXPECT_EQ(loaded->Description(), "CAM++, weights campplus.safetensors");
  EXPECT_TRUE(loaded->trained());
  const FloatArray audio = Noise(8000, 1);
  ASSERT_OK_AND_ASSIGN(const auto embeddings, loaded->Embed({audio}));
  EXPECT_LT(Apart(embeddings[0], Embed({audio})[0]), 1e-6);
}

TEST(CampplusTest, RefusesWrongWeights) {
  const CampplusWeights good = RandomCampplusWeights(kSeed);
  const std::string name = "xvector.block2.tdnnd7.linear1.weight";
  const auto error = [](const CampplusWeights& weights) {
    return CampplusEncoder::FromTensors(Table(weights), "made").status();
  };
  ASSERT_OK(error(good));
  CampplusWeights renamed = good;
  renamed["xvector.block2.tdnnd7.linear_1.weight"] = renamed[name];
  renamed.erase(name);
  EXPECT_THAT(error(renamed),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("made.pt does not hold the weights of CAM++"),
                             HasSubstr("tensor \"" + name +
                                       "\" is missing (the nearest name that is not used is "
                                       "\"xvector.block2.tdnnd7.linear_1.weight\")"),
                             HasSubstr("is not part of CAM++ (the nearest known name is \"" + name + "\")"))));
  CampplusWeights misshapen = good;
  misshapen[name] = FloatArray::Zeros({128, 447, 1});
  EXPECT_THAT(error(misshapen), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("has the shape [128, 447, 1] instead of [128, 448, 1]")));
  CampplusWeights not_finite = good;
  FloatArray bad = FloatArray::Zeros({128, 448, 1});
  bad.mutable_data()[3] = std::numeric_limits<float>::infinity();
  not_finite[name] = bad;
  EXPECT_THAT(error(not_finite), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("holds inf at place 3")));
  EXPECT_THAT(error({}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("and 811 more")));
}

// The batch norms inside the convolutions give what they give behind them.
TEST(CampplusTest, FoldedBatchNormsChangeNothing) {
  const c10::InferenceMode guard;
  const CampplusWeights weights = RandomCampplusWeights(kSeed);
  const CampplusNetwork folded(weights, BatchNormForm::kFolded), apart(weights, BatchNormForm::kApart);
  FloatArray features = Features(250, 3);
  const at::Tensor input = at::from_blob(features.mutable_data(), features.shape());
  std::map<std::string, FloatArray> seen[2];
  FloatArray embedding[2];
  int i = 0;
  for (const CampplusNetwork* network : {&folded, &apart}) {
    const LayerObserver observer = [&](const std::string& name, const at::Tensor& values) {
      seen[i][name] = ToFloatArray(values);
    };
    embedding[i++] = ToFloatArray(network->Forward({input}, &observer));
  }
  EXPECT_GT(Apart(embedding[0], FloatArray::Zeros(embedding[0].shape())), 0);
  EXPECT_LT(Apart(embedding[0], embedding[1]), 1e-5);
  EXPECT_GT(seen[0].size(), 60u);
  for (const auto& [name, values] : seen[0]) EXPECT_LT(Apart(values, seen[1].at(name)), 1e-5) << name;
}

// Long utterances go through the head in pieces.
TEST(CampplusTest, PiecesOfTheHeadMeetWithoutASeam) {
  const c10::InferenceMode guard;
  const CampplusHead head(RandomCampplusWeights(kSeed), BatchNormForm::kFolded);
  const LayerObserver in_one_piece = [](const std::string&, const at::Tensor&) {};
  for (const int64_t frames : {499, 500, 501, 510, 1237}) {
    FloatArray features = Features(frames, 4);
    const at::Tensor input = at::from_blob(features.mutable_data(), features.shape());
    EXPECT_LT(Apart(ToFloatArray(head.Forward(input, nullptr)), ToFloatArray(head.Forward(input, &in_one_piece))), 1e-6)
        << frames;
  }
}

TEST(CampplusTest, ABatchGivesWhatEachGivesAlone) {
  std::vector<FloatArray> audio;
  uint32_t seed = 0;
  for (const int64_t samples : {16000, 720, 16000, 33000, 719 + 160, 16000, 33000, 721}) {
    audio.push_back(Noise(samples, ++seed));
  }
  const std::vector<FloatArray> together = Embed(audio);
  for (size_t i = 0; i < audio.size(); ++i) {
    EXPECT_LT(Apart(together[i], Embed({audio[i]})[0]), 2e-5) << i;
    for (size_t k = 0; k < i; ++k) EXPECT_GT(Apart(together[i], together[k]), 1e-3) << i << ", " << k;
  }
  EXPECT_EQ(Embed({}).size(), 0u);
}

// More equal utterances than one pass takes.
TEST(CampplusTest, ManyUtterancesGoInSeveralPasses) {
  std::vector<FloatArray> audio;
  for (uint32_t i = 0; i < 22; ++i) audio.push_back(Noise(16000, i));
  const std::vector<FloatArray> together = Embed(audio);
  for (const size_t i : {0, 19, 20, 21}) EXPECT_LT(Apart(together[i], Embed({audio[i]})[0]), 2e-5) << i;
}

TEST(CampplusTest, EnergiesGiveWhatTheirAudioGives) {
  const std::vector<FloatArray> audio = {Noise(16000, 1), Noise(8000, 2), Noise(16000, 3)};
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  std::vector<FloatArray> energies;
  for (const FloatArray& samples : audio) energies.push_back(*fbank.Compute(samples));
  const auto encoder = *CampplusEncoder::Random(1);
  ASSERT_OK_AND_ASSIGN(const auto of_audio, encoder->Embed(audio));
  ASSERT_OK_AND_ASSIGN(const auto of_energies, encoder->EmbedEnergies(energies));
  for (size_t i = 0; i < audio.size(); ++i) EXPECT_EQ(Apart(of_energies[i], of_audio[i]), 0) << i;
  EXPECT_THAT(encoder->EmbedEnergies({FloatArray::Zeros({2, 80})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[2, 80]")));
}

// Sharing the filter bank and working on many windows at once is the same as cutting each window out.
TEST(CampplusTest, WindowsAreWhatEachGivesAlone) {
  ASSERT_OK_AND_ASSIGN(const auto encoder, CampplusEncoder::Random(kSeed));
  const FloatArray audio = Noise(80100, 3);
  struct Case {
    int64_t window, hop, windows;
  };
  // Shared; a hop that the filter bank does not have; windows apart; windows side by side; more than one pass.
  for (const Case& c :
       {Case{24000, 3200, 18}, {24000, 3210, 18}, {8000, 20000, 4}, {8000, 8000, 10}, {8000, 800, 91}}) {
    ASSERT_OK_AND_ASSIGN(const FloatArray windows, encoder->EmbedWindows(audio, c.window, c.hop));
    ASSERT_EQ(windows.shape(), (std::vector<int64_t>{c.windows, kCampplusDimension}));
    for (int64_t w = 0; w < c.windows; w += 3) {
      FloatArray piece = FloatArray::Zeros({c.window});
      std::copy_n(audio.data() + w * c.hop, c.window, piece.mutable_data());
      ASSERT_OK_AND_ASSIGN(const auto alone, encoder->Embed({piece}));
      FloatArray window = FloatArray::Zeros({kCampplusDimension});
      std::copy_n(windows.data() + w * kCampplusDimension, kCampplusDimension, window.mutable_data());
      EXPECT_LT(Apart(window, alone[0]), 1e-5) << c.window << " " << c.hop << " window " << w;
    }
  }
}

TEST(CampplusTest, AudioShorterThanAWindowIsRepeated) {
  ASSERT_OK_AND_ASSIGN(const auto encoder, CampplusEncoder::Random(kSeed));
  const FloatArray audio = Noise(1600, 3);
  FloatArray repeated = FloatArray::Zeros({4000});
  for (int64_t i = 0; i < 4000; ++i) repeated.mutable_data()[i] = audio[i % 1600];
  ASSERT_OK_AND_ASSIGN(const FloatArray windows, encoder->EmbedWindows(audio, 4000, 160));
  EXPECT_EQ(windows.dim(0), 1);
  ASSERT_OK_AND_ASSIGN(const auto alone, encoder->Embed({repeated}));
  for (int64_t i = 0; i < kCampplusDimension; ++i) EXPECT_NEAR(windows[i], alone[0][i], 1e-5);
}

TEST(CampplusTest, WindowsOfThreeHours) {
  ASSERT_OK_AND_ASSIGN(const auto encoder, CampplusEncoder::Random(kSeed));
  const int64_t samples = 3 * 3600 * int64_t{kCampplusSampleRate};
  const FloatArray audio = Noise(samples, 1);
  EXPECT_THAT(encoder->Embed({audio}), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("cut it into pieces")));
  ASSERT_OK_AND_ASSIGN(const FloatArray windows, encoder->EmbedWindows(audio, 8000, 160 * kCampplusSampleRate));
  EXPECT_EQ(windows.dim(0), 68);
  EXPECT_EQ(windows.FirstNotFinite(), -1);
}

TEST(CampplusTest, WindowsThatCannotBe) {
  ASSERT_OK_AND_ASSIGN(const auto encoder, CampplusEncoder::Random(kSeed));
  const FloatArray audio = Noise(16000, 3);
  const auto refusal = [&](const FloatArray& samples, int64_t window, int64_t hop) {
    return std::string(encoder->EmbedWindows(samples, window, hop).status().message());
  };
  EXPECT_THAT(refusal(audio, 719, 160), HasSubstr("a window of 719 samples; it may have 720 to"));
  EXPECT_THAT(refusal(audio, kCampplusMaxSamples + 1, 160), HasSubstr("a window of"));
  EXPECT_THAT(refusal(audio, 8000, 0), HasSubstr("a hop of 0 samples"));
  EXPECT_THAT(refusal(Noise(719, 1), 8000, 160), HasSubstr("at least 720 are needed"));
  EXPECT_THAT(refusal(FloatArray::Zeros({2, 8000}), 8000, 160), HasSubstr("one channel"));
  FloatArray broken = Noise(16000, 3);
  broken.mutable_data()[12345] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal(broken, 8000, 160), HasSubstr("nan at sample 12345"));
}

TEST(CampplusTest, DefinedForEveryLength) {
  for (const int64_t samples : {720, 879, 880, 1040, 32400, 32560, 64400}) {
    const FloatArray embedding = Embed({Noise(samples, 1)})[0];
    EXPECT_TRUE(std::all_of(embedding.begin(), embedding.end(), [](float x) { return std::isfinite(x); })) << samples;
  }
  EXPECT_THAT(Encoder().Embed({Noise(16000, 1), Noise(719, 1)}),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("item 1: CAM++: the audio has 719 samples (0.045 s)")));
  EXPECT_THAT(Encoder().Embed({FloatArray::Zeros({0})}),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("0 samples")));
  EXPECT_THAT(Encoder().Embed({FloatArray::Zeros({kCampplusMaxSamples + 1})}),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("1800.0 s long")));
}

TEST(CampplusTest, DefinedForEverySample) {
  FloatArray square = FloatArray::Zeros({16000});
  for (int64_t i = 0; i < square.size(); ++i) square.mutable_data()[i] = i % 200 < 100 ? 1e30f : -1e30f;
  for (const FloatArray& audio : {FloatArray::Zeros({16000}), square, Noise(16000, 1, 1e-30)}) {
    const FloatArray embedding = Embed({audio})[0];
    EXPECT_TRUE(std::all_of(embedding.begin(), embedding.end(), [](float x) { return std::isfinite(x); }));
  }
  // Silence of any length is one vector.
  EXPECT_EQ(Embed({FloatArray::Zeros({16000})})[0].ShapeString(), "[192]");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    FloatArray audio = Noise(16000, 1);
    audio.mutable_data()[123] = bad;
    EXPECT_THAT(Encoder().Embed({audio}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at sample 123")));
  }
  EXPECT_THAT(Encoder().Embed({FloatArray::Zeros({16000, 1})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[16000, 1]; one channel [N] is needed")));
}

TEST(CampplusColumnsTest, TheTwoHalvesAreTheWhole) {
  const auto encoder = *CampplusEncoder::Random(kSeed);
  const Fbank fbank = *Fbank::Create();
  const FloatArray audio = Noise(30000, 3);
  const auto columns = encoder->Columns(*fbank.Compute(audio));
  ASSERT_OK(columns);
  const int64_t frames = fbank.grid().NumWholeFrames(audio.size());
  EXPECT_EQ(columns->shape(), (std::vector<int64_t>{(frames - 1) / 2 + 1, kCampplusColumn}));
  std::vector<int> all(static_cast<size_t>(columns->dim(0)));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  const auto pooled = encoder->PoolColumns(*columns, all);
  ASSERT_OK(pooled);
  EXPECT_LT(Apart(*pooled, (*encoder->Embed({audio}))[0]), 1e-5);
  // Of some of them: mean and deviation of those alone.
  const auto some = encoder->PoolColumns(*columns, {5, 9, 6, 5});
  ASSERT_OK(some);
  EXPECT_GT(Apart(*some, *pooled), 1e-2);
  EXPECT_LT(Apart(*some, *encoder->PoolColumns(*columns, {6, 5, 5, 9})), 1e-6);
}

TEST(CampplusColumnsTest, RefusesWhatHasNoStatistics) {
  const auto encoder = *CampplusEncoder::Random(kSeed);
  EXPECT_THAT(encoder->Columns(FloatArray::Zeros({2, 80})).status().message(),
              HasSubstr("T at least 3; here is [2, 80]"));
  EXPECT_THAT(encoder->Columns(FloatArray::Zeros({5, 79})).status().message(), HasSubstr("[5, 79]"));
  FloatArray odd = FloatArray::Zeros({5, 80});
  odd.mutable_data()[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(encoder->Columns(odd).status().message(), HasSubstr("finite"));
  const FloatArray columns = *encoder->Columns(FloatArray::Zeros({9, 80}));
  EXPECT_THAT(encoder->PoolColumns(columns, {1}).status().message(), HasSubstr("here are 1 of [5, 512]"));
  EXPECT_THAT(encoder->PoolColumns(columns, {1, 5}).status().message(), HasSubstr("column 5 was chosen out of 5"));
  EXPECT_OK(encoder->PoolColumns(columns, {1, 1}));
}

}  // namespace
}  // namespace diarflow
