// TitaNet-large against a float64 program's numbers, on weights that a formula makes.
//
//   ./bazelw test //models/titanet:golden_test
//   ... --test_env=GOLDEN_FILE=/path/to/golden.json --test_env=GOLDEN_SIGNAL=/path/to/signal.f32
//
// GOLDEN_SIGNAL: raw float32 samples at 16 kHz, in the place of the file's formula.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "audio/nemo_log_mel.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/device/torch_device.h"
#include "models/testing/golden_numbers.h"
#include "models/testing/test_device.h"
#include "models/titanet/network.h"
#include "models/titanet/testing/golden_fill.h"
#include "models/titanet/testing/golden_run.h"
#include "models/titanet/titanet.h"
#include "models/titanet/titanet_weights.h"

namespace diarflow {
namespace {

using nlohmann::json;

// Tolerances, of float32 against float64.
constexpr double kSignal = 1e-7, kFeature = 1e-4, kBlock = 2e-4, kGate = 2e-5, kPool = 1e-4, kAttention = 1e-5;
constexpr double kMoments = 5e-6, kSums = 1e-5, kEmbedding = 5e-5, kEmbeddingRelative = 2e-5;

NemoMelForm FormOf(const std::string& name) { return name == "legacy" ? NemoMelForm::kLegacy : NemoMelForm::kCurrent; }

class Checker {
 public:
  Checker(const json& golden, const GoldenRun& run) : golden_(golden), run_(run) {}

  GoldenNumbers Check() {
    Weights();
    Signal("/signal_check", golden_["signal_check"], run_.signal);
    Signal("/sliding/signal_check", golden_["sliding"]["signal_check"], run_.sliding_signal);
    for (const auto& [name, form] : run_.forms) {
      Form("/" + name, golden_[name], form);
      Prefixes(name, form);
      Sliding(name, form);
    }
    Apart();
    return numbers_;
  }

 private:
  void Weights() {
    const json& checks = golden_["weights_check"];
    for (size_t i = 0; i < checks.size(); ++i) {
      const std::string at = absl::StrCat("/weights_check/", i), key = checks[i]["key"];
      const FloatArray& values = run_.weights.at(key);
      double sum_abs = 0;
      for (const float x : values) sum_abs += std::fabs(x);
      numbers_.List(at + "/shape", checks[i]["shape"], {values.shape().begin(), values.shape().end()}, 0);
      numbers_.Number(at + "/h", checks[i]["h"], GoldenHash(key), 0);
      numbers_.List(at + "/first3", checks[i]["first3"], std::vector<double>(values.begin(), values.begin() + 3), 1e-6);
      numbers_.Number(at + "/last", checks[i]["last"], values[values.size() - 1], 1e-6);
      numbers_.Number(at + "/sum_abs", checks[i]["sum_abs"], sum_abs, 1e-6 * sum_abs);
    }
  }

  void Signal(const std::string& at, const json& stored, const FloatArray& signal) {
    double sum = 0, sum_abs = 0;
    for (const float x : signal) {
      sum += x;
      sum_abs += std::fabs(x);
    }
    numbers_.Number(at + "/samples", stored["samples"], static_cast<double>(signal.size()), 0);
    numbers_.Number(at + "/sum", stored["sum"], sum, 1e-4);
    numbers_.Number(at + "/sum_abs", stored["sum_abs"], sum_abs, 1e-7 * sum_abs);
    for (const auto& [place, value] : stored["at"].items()) {
      numbers_.Number(absl::StrCat(at, "/at/", place), value, signal[std::stoll(place)], kSignal);
    }
  }

  // The number at "channel,frame" of [C, T] or [T, C]; 0 behind the end.
  static double Probe(const FloatArray& frames, const std::string& place) {
    const std::vector<std::string> parts = absl::StrSplit(place, ',');
    const int64_t channel = std::stoll(parts[0]), frame = std::stoll(parts[1]);
    return frame < frames.dim(0) ? frames[frame * frames.dim(1) + channel] : 0;
  }
  static double Probe(const at::Tensor& channels, const std::string& place) {
    const std::vector<std::string> parts = absl::StrSplit(place, ',');
    return channels[std::stoll(parts[0])][std::stoll(parts[1])].item<float>();
  }

  void Form(const std::string& at, const json& stored, const FormRun& form) {
    const json& features = stored["features"];
    numbers_.Number(at + "/features/valid_frames", features["valid_frames"], static_cast<double>(form.valid), 0);
    numbers_.Number(at + "/features/stft_frames", features["stft_frames"], static_cast<double>(form.log_mel.dim(0)), 0);
    const auto [low, high] = std::minmax_element(form.features.begin(), form.features.end());
    numbers_.Number(at + "/features/min_valid", features["min_valid"], *low, kFeature);
    numbers_.Number(at + "/features/max_valid", features["max_valid"], *high, kFeature);
    double squares = 0;
    for (const float x : form.features) squares += double{x} * x;
    const double deviation = std::sqrt(squares / static_cast<double>(form.features.size()));
    numbers_.Number(at + "/features/pop_std_valid", features["pop_std_valid"], deviation, 1e-5 * deviation);
    for (const auto& [place, value] : features["probe"].items()) {
      numbers_.Number(absl::StrCat(at, "/features/probe/", place), value, Probe(form.features, place), kFeature);
    }
    for (const auto& [place, value] : features["log_mel_before_normalisation"].items()) {
      numbers_.Number(absl::StrCat(at, "/features/log_mel_before_normalisation/", place), value,
                      Probe(form.log_mel, place), kFeature);
    }
    const int64_t padded = form.attention.size(1);
    numbers_.List(at + "/features/shape", features["shape"], {1.0, kNemoMelBins, static_cast<double>(padded)}, 0);
    for (size_t b = 0; b < form.blocks.size(); ++b) {
      Block(absl::StrCat(at, "/blocks/", b), stored["blocks"][b], form.blocks[b]);
    }
    Pool(at + "/pool", stored["pool"], form);
    numbers_.Vector(at + "/embedding", stored["embedding"], form.embedding, kEmbedding, kEmbeddingRelative);
    Norm(at + "/embedding_norm", stored["embedding_norm"], form.embedding);
  }

  void Norm(const std::string& at, const json& stored, const FloatArray& vector) {
    double squares = 0;
    for (const float x : vector) squares += double{x} * x;
    numbers_.Number(at, stored, std::sqrt(squares), kEmbeddingRelative * std::sqrt(squares));
  }

  void Block(const std::string& at, const json& stored, const BlockFigures& block) {
    const auto& sizes = block.values.sizes();
    numbers_.List(at + "/shape", stored["shape"], {1.0, static_cast<double>(sizes[0]), static_cast<double>(sizes[1])},
                  0);
    numbers_.Number(at + "/mean_valid", stored["mean_valid"], block.mean, kMoments * block.mean);
    numbers_.Number(at + "/pop_std_valid", stored["pop_std_valid"], block.deviation, kMoments * block.deviation);
    numbers_.Number(at + "/max_valid", stored["max_valid"], block.most, kBlock);
    numbers_.Number(at + "/zero_fraction_valid", stored["zero_fraction_valid"], block.zeros, 1e-4);
    numbers_.Number(at + "/max_after_valid", stored["max_after_valid"], block.most_behind, kBlock);
    for (const auto& [place, value] : stored["probe"].items()) {
      numbers_.Number(absl::StrCat(at, "/probe/", place), value, Probe(block.values, place), kBlock);
    }
    numbers_.Number(at + "/se_gate/mean", stored["se_gate"]["mean"], block.gate_mean, kGate);
    numbers_.Number(at + "/se_gate/pop_std", stored["se_gate"]["pop_std"], block.gate_deviation, kGate);
    numbers_.List(at + "/se_gate/first4", stored["se_gate"]["first4"],
                  std::vector<double>(block.gate.begin(), block.gate.begin() + 4), kGate);
  }

  void Pool(const std::string& at, const json& stored, const FormRun& form) {
    const FloatArray& pool = form.pool;
    numbers_.List(at + "/shape", stored["shape"], {1.0, static_cast<double>(pool.size()), 1.0}, 0);
    const double mu_sum = std::accumulate(pool.begin(), pool.begin() + kTitanetPooled, 0.0);
    const double sigma_sum = std::accumulate(pool.begin() + kTitanetPooled, pool.end(), 0.0);
    for (const auto& [place, value] : stored["mu"].items()) {
      numbers_.Number(absl::StrCat(at, "/mu/", place), value, pool[std::stoll(place)], kPool);
    }
    for (const auto& [place, value] : stored["sigma"].items()) {
      numbers_.Number(absl::StrCat(at, "/sigma/", place), value, pool[kTitanetPooled + std::stoll(place)], kPool);
    }
    numbers_.Number(at + "/mu_sum", stored["mu_sum"], mu_sum, kSums * mu_sum);
    numbers_.Number(at + "/sigma_sum", stored["sigma_sum"], sigma_sum, kSums * sigma_sum);
    // A channel that is 0 in every frame: the square root of the least variance.
    numbers_.Number(at + "/sigma_min", stored["sigma_min"],
                    *std::min_element(pool.begin() + kTitanetPooled, pool.end()), 1e-3 * 1e-5);
    double squares = 0;
    for (const float x : pool) squares += double{x} * x;
    numbers_.Number(at + "/norm", stored["norm"], std::sqrt(squares), kSums * std::sqrt(squares));
    for (const auto& [place, value] : stored["attention"].items()) {
      numbers_.Number(absl::StrCat(at, "/attention/", place), value, Probe(form.attention, place), kAttention);
    }
    numbers_.Number(at + "/attention_max", stored["attention_max"], form.attention.max().item<float>(), kAttention);
    numbers_.Number(at + "/attention_entropy_over_log_valid", stored["attention_entropy_over_log_valid"], form.entropy,
                    1e-5);
  }

  void Prefixes(const std::string& name, const FormRun& form) {
    const json& cases = golden_["prefix_lengths"]["cases"];
    for (size_t i = 0; i < cases.size(); ++i) {
      const std::string at = absl::StrCat("/prefix_lengths/cases/", i, "/", name);
      const json& stored = cases[i][name];
      const FloatArray& embedding = form.prefixes.at(i);
      const auto samples = cases[i]["samples"].get<int64_t>();
      numbers_.List(at + "/first8", stored["first8"], std::vector<double>(embedding.begin(), embedding.begin() + 8),
                    kEmbedding);
      Norm(at + "/norm", stored["norm"], embedding);
      numbers_.Number(at + "/valid_frames", stored["valid_frames"],
                      static_cast<double>(NemoLogMel(FormOf(name)).NumValidFrames(samples)), 0);
    }
  }

  void Sliding(const std::string& name, const FormRun& form) {
    const json& sliding = golden_["sliding"];
    const std::string at = "/sliding/" + name;
    numbers_.Number("/sliding/windows", sliding["windows"], static_cast<double>(form.windows.size()), 0);
    for (size_t w = 0; w < form.windows.size(); ++w) {
      const FloatArray& window = form.windows[w];
      numbers_.List(absl::StrCat(at, "/first4/", w), sliding[name]["first4"][w],
                    std::vector<double>(window.begin(), window.begin() + 4), kEmbedding);
      Norm(absl::StrCat(at, "/norm/", w), sliding[name]["norm"][w], window);
      numbers_.Number(absl::StrCat(at, "/sum/", w), sliding[name]["sum"][w],
                      std::accumulate(window.begin(), window.end(), 0.0), 3e-4);
    }
  }

  // What the front ends make of the same audio is as far apart as the golden says.
  void Apart() {
    const FloatArray& a = run_.forms.at("current").embedding;
    const FloatArray& b = run_.forms.at("legacy").embedding;
    double ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < a.size(); ++i) {
      ab += double{a[i]} * b[i];
      aa += double{a[i]} * a[i];
      bb += double{b[i]} * b[i];
    }
    numbers_.Number("/cosine_current_legacy", golden_["cosine_current_legacy"], ab / std::sqrt(aa * bb), 1e-7);
  }

  const json& golden_;
  const GoldenRun& run_;
  GoldenNumbers numbers_;
};

class GoldenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(json golden, ReadGolden("runfiles:testdata/golden/titanet.json"));
    auto run = std::make_unique<GoldenRun>();
    ASSERT_OK_AND_ASSIGN(run->signal, GoldenSignal(&TitanetGoldenSignal));
    run->sliding_signal = SlidingGoldenSignal();
    const TensorTable tensors = TitanetGoldenTensors(GoldenFill::kFullRank);
    ASSERT_OK_AND_ASSIGN(const TitanetWeights weights, TakeTitanetWeights(tensors));
    ASSERT_OK_AND_ASSIGN(const ModelDevice device, TestDevice());
    for (const json& check : golden["weights_check"]) {
      const std::string key = check["key"];
      ASSERT_EQ(weights.count(key), 1u) << key;
      run->weights[key] = weights.at(key);
    }
    const TitanetNetwork network(weights, BatchNormForm::kFolded, TorchDevice(device));
    for (const char* name : {"current", "legacy"}) {
      ASSERT_OK_AND_ASSIGN(run->forms[name], RunForm(network, FormOf(name), run->signal));
      ASSERT_OK_AND_ASSIGN(const auto encoder, TitanetEncoder::FromTensors(tensors, "a formula", FormOf(name), device));
      ASSERT_OK(RunEncoder(*encoder, golden, *run, &run->forms[name]));
    }
    golden_ = new json(std::move(golden));
    run_ = run.release();
  }

  void SetUp() override { ASSERT_NE(run_, nullptr); }

  static GoldenNumbers Check(const json& golden) { return Checker(golden, *run_).Check(); }

  inline static json* golden_ = nullptr;
  inline static const GoldenRun* run_ = nullptr;
};

TEST_F(GoldenTest, EveryNumberIsWithinItsTolerance) {
  const GoldenNumbers numbers = Check(*golden_);
  std::cout << numbers.checked().size() << " numbers checked, " << numbers.mismatches().size() << " mismatches"
            << std::endl;
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
}

TEST_F(GoldenTest, NoNumberIsLeftOut) {
  // What other programs' rounding, padding and mistakes did, and what the run is made from.
  const auto exempt = [](const std::string& at) {
    for (const char* place :
         {"/fill/", "/padding_and_batch/", "/mistakes_embedding_rel_l2/", "/noise_embedding_rel_l2/",
          "/rel_l2_current_legacy", "/current/fp32_noise/", "/legacy/fp32_noise/", "/sliding/fq/", "/sliding/gq/",
          "/sliding/ph", "/sliding/window_samples", "/sliding/hop_samples"}) {
      if (absl::StartsWith(at, place)) return true;
    }
    for (const char* end : {"/samples", "/feature_frames", "/fp32_rel_l2", "/tolerance_rel_l2", "_rel_l2_max",
                            "/cosine_matrix_min", "/cosine_adjacent_mean", "_rel_l2/min", "_rel_l2/max"}) {
      if (absl::EndsWith(at, end)) return true;
    }
    return false;
  };
  EXPECT_THAT(LeftOut(*golden_, Check(*golden_), exempt), testing::IsEmpty());
}

TEST_F(GoldenTest, AChangedDigitIsFound) { EXPECT_THAT(UnseenChanges(*golden_, &Check), testing::IsEmpty()); }

// The numbers of NeMo's own classes, on weights of rank 2.
TEST(NemoGoldenTest, AgreesWithTheOriginalClasses) {
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/titanet_nemo_literal.json"));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  const json golden = json::parse(text);
  const TensorTable tensors = TitanetGoldenTensors(GoldenFill::kLiteral);
  ASSERT_OK_AND_ASSIGN(const TitanetWeights weights, TakeTitanetWeights(tensors));
  ASSERT_OK_AND_ASSIGN(const ModelDevice device, TestDevice());
  const TitanetNetwork network(weights, BatchNormForm::kFolded, TorchDevice(device));
  ASSERT_OK_AND_ASSIGN(const FormRun run, RunForm(network, NemoMelForm::kCurrent, TitanetGoldenSignal()));
  GoldenNumbers numbers;
  numbers.Vector("/embedding", golden["embedding"], run.embedding, 2e-3, 1e-5);
  for (size_t b = 0; b < run.blocks.size(); ++b) {
    const json& stored = golden[absl::StrCat("block", b)];
    const at::Tensor audio = run.blocks[b].values.narrow(1, 0, run.valid).to(at::kDouble);
    const double deviation = stored["std_valid"].get<double>();
    numbers.Number(absl::StrCat("/block", b, "/mean_valid"), stored["mean_valid"], audio.mean().item<double>(),
                   2e-5 * deviation);
    numbers.Number(absl::StrCat("/block", b, "/std_valid"), stored["std_valid"], audio.std(true).item<double>(),
                   2e-5 * deviation);
    for (const auto& [place, value] : stored["probe"].items()) {
      const std::vector<std::string> parts = absl::StrSplit(place, ',');
      numbers.Number(absl::StrCat("/block", b, "/probe/", place), value,
                     audio[std::stoll(parts[0])][std::stoll(parts[1])].item<double>(), 2e-4 * deviation);
    }
  }
  ASSERT_OK_AND_ASSIGN(const FormRun legacy, RunForm(network, NemoMelForm::kLegacy, TitanetGoldenSignal()));
  numbers.List("/legacy_embedding_first8", golden["legacy_embedding_first8"],
               std::vector<double>(legacy.embedding.begin(), legacy.embedding.begin() + 8), 2e-3);
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
  EXPECT_GT(numbers.checked().size(), 220u);
}

}  // namespace
}  // namespace diarflow
