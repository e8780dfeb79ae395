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
#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "audio/nemo_log_mel.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/testing/golden_numbers.h"
#include "models/titanet/network.h"
#include "models/titanet/testing/golden_fill.h"
#include "models/titanet/titanet.h"
#include "models/titanet/titanet_weights.h"

namespace diarflow {
namespace {

using nlohmann::json;

// Tolerances, of float32 against float64.
constexpr double kSignal = 1e-7, kFeature = 1e-4, kBlock = 2e-4, kGate = 2e-5, kPool = 1e-4, kAttention = 1e-5;
constexpr double kMoments = 5e-6, kSums = 1e-5, kEmbedding = 5e-5, kEmbeddingRelative = 2e-5;

// What a form of the front end makes of the signal.
struct FormRun {
  int64_t valid = 0;
  FloatArray log_mel, features;  // [T, 80], [valid, 80]
  std::map<std::string, at::Tensor> layers;
  FloatArray embedding;
};

struct GoldenRun {
  FloatArray signal;
  std::map<std::string, FormRun> forms;
  std::map<std::string, TitanetEncoder::Ptr> encoders;
};

FloatArray Copied(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  FloatArray values = FloatArray::Zeros({flat.numel()});
  std::copy_n(flat.const_data_ptr<float>(), flat.numel(), values.mutable_data());
  return values;
}

absl::StatusOr<FormRun> RunForm(const TitanetNetwork& network, NemoMelForm form, const FloatArray& signal) {
  FormRun run;
  const NemoLogMel log_mel(form);
  run.valid = log_mel.NumValidFrames(signal.size());
  ASSIGN_OR_RETURN(run.log_mel, log_mel.LogMel(signal));
  ASSIGN_OR_RETURN(run.features, log_mel.Normalised(signal));
  const c10::InferenceMode guard;
  FloatArray features = run.features;
  // As released, to a multiple of 16 frames: what stands there must not matter, and is looked at.
  const at::Tensor audio = at::from_blob(const_cast<float*>(features.data()), {1, run.valid, kNemoMelBins});
  const int64_t padded = (run.log_mel.dim(0) + 15) / 16 * 16;
  const at::Tensor input = at::constant_pad_nd(audio.transpose(1, 2), {0, padded - run.valid});
  const TitanetObserver observer = [&](const std::string& name, const at::Tensor& values) {
    run.layers[name] = values.clone();
  };
  run.embedding = Copied(network.Forward(input, {run.valid}, &observer));
  return run;
}

NemoMelForm FormOf(const std::string& name) { return name == "legacy" ? NemoMelForm::kLegacy : NemoMelForm::kCurrent; }

class Checker {
 public:
  Checker(const json& golden, const GoldenRun& run) : golden_(golden), run_(run) {}

  GoldenNumbers Check(bool with_encoder) {
    Signal("/signal_check", golden_["signal_check"], run_.signal);
    for (const auto& [name, form] : run_.forms) Form("/" + name, golden_[name], form);
    if (with_encoder) {
      Prefixes();
      Sliding();
    }
    return numbers_;
  }

 private:
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
    return channels[0][std::stoll(parts[0])][std::stoll(parts[1])].item<float>();
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
    for (int b = 0; b < 5; ++b) {
      Block(absl::StrCat(at, "/blocks/", b), stored["blocks"][static_cast<size_t>(b)],
            form.layers.at(absl::StrCat("block.", b)), Copied(form.layers.at(absl::StrCat("gate.", b))), form.valid);
    }
    Pool(at + "/pool", stored["pool"], Copied(form.layers.at("pool")), form.layers.at("attention"), form.valid);
    numbers_.Vector(at + "/embedding", stored["embedding"], form.embedding, kEmbedding, kEmbeddingRelative);
    Norm(at + "/embedding_norm", stored["embedding_norm"], form.embedding);
  }

  void Norm(const std::string& at, const json& stored, const FloatArray& vector) {
    double squares = 0;
    for (const float x : vector) squares += double{x} * x;
    numbers_.Number(at, stored, std::sqrt(squares), kEmbeddingRelative * std::sqrt(squares));
  }

  void Block(const std::string& at, const json& stored, const at::Tensor& block, const FloatArray& gate,
             int64_t valid) {
    const at::Tensor audio = block.narrow(2, 0, valid).to(at::kDouble);
    const double mean = audio.mean().item<double>(), deviation = audio.std(/*unbiased=*/false).item<double>();
    numbers_.List(at + "/shape", stored["shape"],
                  {1.0, static_cast<double>(block.size(1)), static_cast<double>(block.size(2))}, 0);
    numbers_.Number(at + "/mean_valid", stored["mean_valid"], mean, kMoments * mean);
    numbers_.Number(at + "/pop_std_valid", stored["pop_std_valid"], deviation, kMoments * deviation);
    numbers_.Number(at + "/max_valid", stored["max_valid"], audio.max().item<double>(), kBlock);
    numbers_.Number(at + "/zero_fraction_valid", stored["zero_fraction_valid"],
                    audio.eq(0).to(at::kDouble).mean().item<double>(), 1e-4);
    numbers_.Number(at + "/max_after_valid", stored["max_after_valid"],
                    block.narrow(2, valid, block.size(2) - valid).max().item<float>(), kBlock);
    for (const auto& [place, value] : stored["probe"].items()) {
      numbers_.Number(absl::StrCat(at, "/probe/", place), value, Probe(block, place), kBlock);
    }
    double sum = 0, squares = 0;
    for (const float x : gate) sum += x;
    const double gate_mean = sum / static_cast<double>(gate.size());
    for (const float x : gate) squares += (x - gate_mean) * (x - gate_mean);
    numbers_.Number(at + "/se_gate/mean", stored["se_gate"]["mean"], gate_mean, kGate);
    numbers_.Number(at + "/se_gate/pop_std", stored["se_gate"]["pop_std"],
                    std::sqrt(squares / static_cast<double>(gate.size())), kGate);
    numbers_.List(at + "/se_gate/first4", stored["se_gate"]["first4"],
                  std::vector<double>(gate.begin(), gate.begin() + 4), kGate);
  }

  void Pool(const std::string& at, const json& stored, const FloatArray& pool, const at::Tensor& attention,
            int64_t valid) {
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
      numbers_.Number(absl::StrCat(at, "/attention/", place), value, Probe(attention, place), kAttention);
    }
    numbers_.Number(at + "/attention_max", stored["attention_max"], attention.max().item<float>(), kAttention);
    const at::Tensor shares = attention.narrow(2, 0, valid).to(at::kDouble);
    const double entropy = -shares.mul(shares.add(1e-300).log()).sum(2).mean().item<double>();
    numbers_.Number(at + "/attention_entropy_over_log_valid", stored["attention_entropy_over_log_valid"],
                    entropy / std::log(static_cast<double>(valid)), 1e-5);
  }

  void Prefixes() {
    const json& cases = golden_["prefix_lengths"]["cases"];
    for (size_t i = 0; i < cases.size(); ++i) {
      const auto samples = cases[i]["samples"].get<int64_t>();
      const FloatArray prefix =
          FloatArray::Copy({samples}, std::vector<float>(run_.signal.begin(), run_.signal.begin() + samples));
      for (const auto& [name, encoder] : run_.encoders) {
        const std::string at = absl::StrCat("/prefix_lengths/cases/", i, "/", name);
        const json& stored = cases[i][name];
        const auto embedded = encoder->Embed({prefix});
        if (!embedded.ok()) return numbers_.Mismatch(at, embedded.status().ToString());
        const FloatArray& embedding = (*embedded)[0];
        numbers_.List(at + "/first8", stored["first8"], std::vector<double>(embedding.begin(), embedding.begin() + 8),
                      kEmbedding);
        Norm(at + "/norm", stored["norm"], embedding);
        numbers_.Number(at + "/valid_frames", stored["valid_frames"],
                        static_cast<double>(NemoLogMel(FormOf(name)).NumValidFrames(samples)), 0);
      }
    }
  }

  void Sliding() {
    const json& sliding = golden_["sliding"];
    const FloatArray signal = SlidingGoldenSignal();
    Signal("/sliding/signal_check", sliding["signal_check"], signal);
    for (const auto& [name, encoder] : run_.encoders) {
      const std::string at = "/sliding/" + name;
      const auto windows = encoder->EmbedWindows(signal, sliding["window_samples"].get<int64_t>(),
                                                 sliding["hop_samples"].get<int64_t>());
      if (!windows.ok()) return numbers_.Mismatch(at, windows.status().ToString());
      numbers_.Number("/sliding/windows", sliding["windows"], static_cast<double>(windows->dim(0)), 0);
      for (int64_t w = 0; w < windows->dim(0); ++w) {
        const float* numbers = windows->data() + w * kTitanetDimension;
        const FloatArray window =
            FloatArray::Copy({kTitanetDimension}, std::vector<float>(numbers, numbers + kTitanetDimension));
        const auto index = static_cast<size_t>(w);
        numbers_.List(absl::StrCat(at, "/first4/", w), sliding[name]["first4"][index],
                      std::vector<double>(window.begin(), window.begin() + 4), kEmbedding);
        Norm(absl::StrCat(at, "/norm/", w), sliding[name]["norm"][index], window);
        numbers_.Number(absl::StrCat(at, "/sum/", w), sliding[name]["sum"][index],
                        std::accumulate(window.begin(), window.end(), 0.0), 3e-4);
      }
    }
  }

  const json& golden_;
  const GoldenRun& run_;
  GoldenNumbers numbers_;
};

class GoldenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(json golden, ReadGolden("runfiles:testdata/golden/titanet.json"));
    golden_ = new json(std::move(golden));
    auto run = std::make_unique<GoldenRun>();
    ASSERT_OK_AND_ASSIGN(run->signal, GoldenSignal(&TitanetGoldenSignal));
    const TensorTable tensors = TitanetGoldenTensors(GoldenFill::kFullRank);
    ASSERT_OK_AND_ASSIGN(const TitanetWeights weights, TakeTitanetWeights(tensors));
    const TitanetNetwork network(weights, BatchNormForm::kFolded);
    for (const char* name : {"current", "legacy"}) {
      ASSERT_OK_AND_ASSIGN(run->forms[name], RunForm(network, FormOf(name), run->signal));
      ASSERT_OK_AND_ASSIGN(run->encoders[name], TitanetEncoder::FromTensors(tensors, "a formula", FormOf(name)));
    }
    run_ = run.release();
  }

  void SetUp() override { ASSERT_NE(run_, nullptr); }

  inline static json* golden_ = nullptr;
  inline static const GoldenRun* run_ = nullptr;
};

TEST_F(GoldenTest, TheFillIsTheGoldens) {
  GoldenNumbers numbers;
  const TensorTable tensors = TitanetGoldenTensors(GoldenFill::kFullRank);
  const json& checks = (*golden_)["weights_check"];
  for (size_t i = 0; i < checks.size(); ++i) {
    const std::string at = absl::StrCat("/weights_check/", i), key = checks[i]["key"];
    ASSERT_NE(tensors.Find(key), nullptr) << key;
    ASSERT_OK_AND_ASSIGN(const FloatArray values, ToFloats(*tensors.Find(key)));
    double sum_abs = 0;
    for (const float x : values) sum_abs += std::fabs(x);
    numbers.Number(at + "/h", checks[i]["h"], GoldenHash(key), 0);
    numbers.List(at + "/first3", checks[i]["first3"], std::vector<double>(values.begin(), values.begin() + 3), 1e-6);
    numbers.Number(at + "/last", checks[i]["last"], values[values.size() - 1], 1e-6);
    numbers.Number(at + "/sum_abs", checks[i]["sum_abs"], sum_abs, 1e-6 * sum_abs);
  }
  EXPECT_EQ(checks.size(), 6u);
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
}

TEST_F(GoldenTest, EveryNumberIsWithinItsTolerance) {
  const GoldenNumbers numbers = Checker(*golden_, *run_).Check(/*with_encoder=*/true);
  std::cout << numbers.checked().size() << " numbers checked, " << numbers.mismatches().size() << " mismatches"
            << std::endl;
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
  EXPECT_GT(numbers.checked().size(), 700u);
}

TEST_F(GoldenTest, AChangedDigitIsFound) {
  EXPECT_THAT(
      UnseenChanges(*golden_, [](const json& golden) { return Checker(golden, *run_).Check(/*with_encoder=*/false); }),
      testing::IsEmpty());
}

// What the front ends make of the same audio is as far apart as the golden says.
TEST_F(GoldenTest, TheFrontEndsDiffer) {
  const FloatArray& a = run_->forms.at("current").embedding;
  const FloatArray& b = run_->forms.at("legacy").embedding;
  double ab = 0, aa = 0, bb = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  EXPECT_NEAR(ab / std::sqrt(aa * bb), (*golden_)["cosine_current_legacy"].get<double>(), 1e-7);
}

// The numbers of NeMo's own classes, on weights of rank 2.
TEST(NemoGoldenTest, AgreesWithTheOriginalClasses) {
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/titanet_nemo_literal.json"));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  const json golden = json::parse(text);
  const TensorTable tensors = TitanetGoldenTensors(GoldenFill::kLiteral);
  ASSERT_OK_AND_ASSIGN(const TitanetWeights weights, TakeTitanetWeights(tensors));
  const TitanetNetwork network(weights, BatchNormForm::kFolded);
  ASSERT_OK_AND_ASSIGN(const FormRun run, RunForm(network, NemoMelForm::kCurrent, TitanetGoldenSignal()));
  GoldenNumbers numbers;
  numbers.Vector("/embedding", golden["embedding"], run.embedding, 2e-3, 1e-5);
  for (int b = 0; b < 5; ++b) {
    const json& stored = golden[absl::StrCat("block", b)];
    const at::Tensor audio = run.layers.at(absl::StrCat("block.", b)).narrow(2, 0, run.valid).to(at::kDouble);
    const double deviation = stored["std_valid"].get<double>();
    numbers.Number(absl::StrCat("/block", b, "/mean_valid"), stored["mean_valid"], audio.mean().item<double>(),
                   2e-5 * deviation);
    numbers.Number(absl::StrCat("/block", b, "/std_valid"), stored["std_valid"], audio.std(true).item<double>(),
                   2e-5 * deviation);
    for (const auto& [place, value] : stored["probe"].items()) {
      const std::vector<std::string> parts = absl::StrSplit(place, ',');
      numbers.Number(absl::StrCat("/block", b, "/probe/", place), value,
                     audio[0][std::stoll(parts[0])][std::stoll(parts[1])].item<double>(), 2e-4 * deviation);
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
