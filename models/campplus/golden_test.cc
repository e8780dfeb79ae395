// CAM++ with its real weights against stored float64 numbers.
//
//   ./bazelw test //models/campplus:golden_test                               the golden in testdata/golden
//   ... --test_env=GOLDEN_FILE=/path/of/golden.json                           another golden of the same form
//   ... --test_env=GOLDEN_SIGNAL=/path/of/samples.f32                         with this signal (raw float32)
//
// The signal's formula, lengths, layers and places all come from the file. Every number in it is compared, but for the
// field "max_abs_diff_f32_f64": a figure of another program's rounding, which is bounded.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/fbank.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/campplus/campplus.h"
#include "models/campplus/network.h"
#include "models/device/torch_device.h"
#include "models/testing/formula.h"
#include "models/testing/golden_numbers.h"
#include "models/testing/test_device.h"
#include "models/weights/open_weights.h"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr double kSignal = 1e-7;
constexpr double kSums = 1e-5;
constexpr double kEnergies = 2e-5;
constexpr double kLayerRelative = 1e-4;
constexpr double kProbe = 2e-4;  // single numbers of a layer, over its deviation
constexpr double kEmbedding = 2e-4;
constexpr double kEmbeddingRelative = 1e-4;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// What the file speaks of, computed here.
struct GoldenRun {
  FloatArray signal;
  FloatArray energies;     // [T, 80], before the mean is subtracted
  FloatArray mel_weights;  // [80, 256]
  std::map<std::string, FloatArray> layers;
  FloatArray embedding;         // of the encoder as it is used
  FloatArray second_embedding;  // of the longer signal
  int64_t second_frames = 0;
};

struct Moments {
  double mean = 0, deviation = 0, sum = 0, squares = 0;
};

Moments MomentsOf(const FloatArray& values) {
  Moments m;
  for (const float x : values) {
    m.sum += x;
    m.squares += static_cast<double>(x) * x;
  }
  m.mean = m.sum / static_cast<double>(values.size());
  double variance = 0;
  for (const float x : values) variance += (x - m.mean) * (x - m.mean);
  m.deviation = std::sqrt(variance / static_cast<double>(values.size() - 1));
  return m;
}

FloatArray ToFloatArray(const at::Tensor& tensor) {
  const at::Tensor numbers = ToCpu(tensor);
  FloatArray array = FloatArray::Zeros(numbers.sizes().vec());
  std::copy_n(numbers.const_data_ptr<float>(), array.size(), array.mutable_data());
  return array;
}

absl::StatusOr<FloatArray> MakeSignal(const std::string& formula, int64_t samples) {
  const size_t begin = formula.find('='), end = formula.find(',');
  if (begin == std::string::npos || end == std::string::npos) return absl::InvalidArgumentError(formula);
  ASSIGN_OR_RETURN(const Formula parsed, Formula::Parse(formula.substr(begin + 1, end - begin - 1)));
  std::vector<double> times;
  for (int64_t n = 0; n < samples; ++n) times.push_back(static_cast<double>(n) / kCampplusSampleRate);
  ASSIGN_OR_RETURN(const std::vector<double> values, parsed.Evaluate({{"t", times}}, times.size()));
  FloatArray signal = FloatArray::Zeros({samples});
  std::copy(values.begin(), values.end(), signal.mutable_data());
  return signal;
}

absl::StatusOr<FloatArray> ReadSignal(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  FloatArray signal = FloatArray::Zeros({static_cast<int64_t>(bytes.size() / sizeof(float))});
  std::memcpy(signal.mutable_data(), bytes.data(), signal.byte_size());
  return signal;
}

// The number that follows `name` in a text: "N=24000".
int64_t NumberAfter(const std::string& text, const std::string& name) {
  const size_t at = text.find(name);
  return at == std::string::npos ? 0 : std::atoll(text.c_str() + at + name.size());
}

// The samples of the longer signal stand in a key: "embedding_float64_N80000".
constexpr absl::string_view kSecondEmbedding = "embedding_float64_N";

absl::Status RunSecond(const json& golden, const std::string& formula, const CampplusEncoder& encoder,
                       const Fbank& fbank, GoldenRun* run) {
  for (const auto& [key, value] : golden.items()) {
    if (!absl::StartsWith(key, kSecondEmbedding)) continue;
    ASSIGN_OR_RETURN(const FloatArray signal, MakeSignal(formula, std::atoll(key.c_str() + kSecondEmbedding.size())));
    ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder.Embed({signal}));
    run->second_embedding = embeddings[0];
    run->second_frames = fbank.grid().NumWholeFrames(signal.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<GoldenRun> RunGolden(const json& golden, const std::string& signal_path) {
  ASSIGN_OR_RETURN(const std::string path, ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
  ASSIGN_OR_RETURN(const ModelDevice device, TestDevice());
  ASSIGN_OR_RETURN(const auto encoder, CampplusEncoder::FromTensors(table, "of the golden", device));
  ASSIGN_OR_RETURN(const Fbank fbank, Fbank::Create());
  const std::string formula = golden["input"].value("formula", "");
  GoldenRun run;
  ASSIGN_OR_RETURN(run.signal,
                   signal_path.empty() ? MakeSignal(formula, NumberAfter(formula, "N=")) : ReadSignal(signal_path));
  ASSIGN_OR_RETURN(run.energies, fbank.Compute(run.signal));
  run.mel_weights = fbank.MelWeights();
  ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder->Embed({run.signal}));
  run.embedding = embeddings[0];
  RETURN_IF_ERROR(RunSecond(golden, formula, *encoder, fbank, &run));

  // The layers, of the network whose batch norms stand apart.
  const c10::InferenceMode guard;
  ASSIGN_OR_RETURN(const CampplusWeights weights, TakeCampplusWeights(table));
  const CampplusNetwork network(weights, BatchNormForm::kApart, TorchDevice(device));
  ASSIGN_OR_RETURN(FloatArray features, SubtractMeanOverFrames(run.energies));
  const LayerObserver observer = [&](const std::string& name, const at::Tensor& values) {
    if (golden["layers_float32"].contains(name)) run.layers[name] = ToFloatArray(values);
  };
  network.Forward({at::from_blob(features.mutable_data(), features.shape())}, &observer);
  return run;
}

class Checker {
 public:
  Checker(const json& golden, const GoldenRun& run) : golden_(golden), run_(run) {}

  GoldenNumbers Check() {
    for (const auto& [key, value] : golden_.items()) {
      const std::string at = "/" + key;
      if (key == "input") {
        Input(at, value);
      } else if (key == "fbank_raw_scale1") {
        Energies(at, value);
      } else if (key == "mel_weights") {
        MelWeights(at, value);
      } else if (key == "layers_float32") {
        for (const auto& [name, layer] : value.items()) Layer(absl::StrCat(at, "/", name), name, layer);
      } else if (key == "embedding_float64" || key == "embedding_float32_knf") {
        Embedding(at, value, run_.embedding);
      } else if (absl::StartsWith(key, kSecondEmbedding)) {
        Embedding(at, value, run_.second_embedding);
      } else if (key == "embedding_norm") {
        Number(at, value, std::sqrt(MomentsOf(run_.embedding).squares), kEmbedding);
      } else if (key == "max_abs_diff_f32_f64") {
        if (!value.is_number() || !(std::fabs(value.get<double>()) < kEmbedding)) Mismatch(at, "is not rounding");
      } else if (absl::EndsWith(key, "_frames")) {
        Number(at, value, static_cast<double>(run_.second_frames), 0);
      } else if (!value.is_string()) {
        Mismatch(at, "is unknown here");
      }
    }
    return numbers_;
  }

 private:
  void Mismatch(const std::string& at, const std::string& what) { numbers_.Mismatch(at, what); }
  void Number(const std::string& at, const json& stored, double computed, double tolerance) {
    numbers_.Number(at, stored, computed, tolerance);
  }
  void List(const std::string& at, const json& stored, const std::vector<double>& computed, double tolerance) {
    numbers_.List(at, stored, computed, tolerance);
  }

  // `count` numbers from `begin` on, `step` apart.
  static std::vector<double> Cut(const FloatArray& values, int64_t begin, int64_t count, int64_t step = 1) {
    std::vector<double> cut;
    for (int64_t i = 0; i < count; ++i) cut.push_back(values[begin + i * step]);
    return cut;
  }

  static std::vector<double> ShapeOf(const FloatArray& values) {
    return std::vector<double>(values.shape().begin(), values.shape().end());
  }

  void Input(const std::string& at, const json& input) {
    const Moments moments = MomentsOf(run_.signal);
    for (const auto& [key, value] : input.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      if (key == "sum") {
        Number(here, value, moments.sum, kSums);
      } else if (key == "sumsq") {
        Number(here, value, moments.squares, kSums);
      } else if (absl::StartsWith(key, "x[")) {
        Number(here, value, run_.signal[NumberAfter(key, "x[")], kSignal);
      } else if (absl::StartsWith(key, "x_first")) {
        List(here, value, Cut(run_.signal, 0, NumberAfter(key, "x_first")), kSignal);
      } else if (!value.is_string()) {
        Mismatch(here, "is unknown here");
      }
    }
  }

  void Energies(const std::string& at, const json& stored) {
    const Moments moments = MomentsOf(run_.energies);
    const int64_t bins = run_.energies.dim(1);
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      const int64_t step = std::max<int64_t>(1, NumberAfter(key, "every"));
      if (key == "shape") {
        List(here, value, ShapeOf(run_.energies), 0);
      } else if (key == "mean") {
        Number(here, value, moments.mean, kEnergies);
      } else if (key == "std") {
        Number(here, value, moments.deviation, kEnergies);
      } else if (absl::StartsWith(key, "row")) {
        List(here, value, Cut(run_.energies, NumberAfter(key, "row") * bins, bins / step, step), kEnergies);
      } else if (absl::StartsWith(key, "col_mean")) {
        const absl::StatusOr<FloatArray> means = MeanOverFrames(run_.energies);
        List(here, value, Cut(*means, 0, bins / step, step), kEnergies);
      } else if (!value.is_string()) {
        Mismatch(here, "is unknown here");
      }
    }
  }

  void MelWeights(const std::string& at, const json& stored) {
    std::vector<double> sums, counts;
    const int64_t bins = run_.mel_weights.dim(0), width = run_.mel_weights.dim(1);
    for (int64_t bin = 0; bin < bins; ++bin) {
      const std::vector<double> row = Cut(run_.mel_weights, bin * width, width);
      sums.push_back(0);
      counts.push_back(0);
      for (const double weight : row) {
        sums.back() += weight;
        counts.back() += weight != 0 ? 1 : 0;
      }
    }
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      const size_t step = static_cast<size_t>(std::max<int64_t>(1, NumberAfter(key, "every")));
      std::vector<double> computed;
      const std::vector<double>& all = absl::StartsWith(key, "row_sums") ? sums : counts;
      for (size_t i = 0; i < all.size(); i += step) computed.push_back(all[i]);
      if (absl::StartsWith(key, "row_sums")) {
        List(here, value, computed, 1e-6);
      } else if (absl::StartsWith(key, "nonzeros_per_row")) {
        List(here, value, computed, 0);
      } else if (!value.is_string()) {
        Mismatch(here, "is unknown here");
      }
    }
  }

  void Layer(const std::string& at, const std::string& name, const json& stored) {
    const auto found = run_.layers.find(name);
    if (found == run_.layers.end()) return Mismatch(at, "is a layer that is not seen here");
    const FloatArray& values = found->second;
    const Moments moments = MomentsOf(values);
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      if (key == "shape") {
        List(here, value, ShapeOf(values), 0);
      } else if (key == "mean") {
        // A mean near zero is a difference of large numbers.
        Number(here, value, moments.mean, kLayerRelative * std::max(std::fabs(moments.mean), 0.1 * moments.deviation));
      } else if (key == "std") {
        Number(here, value, moments.deviation, kLayerRelative * moments.deviation);
      } else if (absl::StartsWith(key, "first")) {
        List(here, value, Cut(values, 0, NumberAfter(key, "first")), kProbe * moments.deviation);
      } else if (absl::StartsWith(key, "last")) {
        const int64_t count = NumberAfter(key, "last");
        List(here, value, Cut(values, values.size() - count, count), kProbe * moments.deviation);
      } else {
        Mismatch(here, "is unknown here");
      }
    }
  }

  void Embedding(const std::string& at, const json& stored, const FloatArray& computed) {
    numbers_.Vector(at, stored, computed, kEmbedding, kEmbeddingRelative);
  }

  const json& golden_;
  const GoldenRun& run_;
  GoldenNumbers numbers_;
};

class GoldenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(json golden, ReadGolden("runfiles:testdata/golden/campplus_golden.json"));
    golden_ = new json(std::move(golden));
    ASSERT_OK_AND_ASSIGN(GoldenRun run, RunGolden(*golden_, Environment("GOLDEN_SIGNAL")));
    run_ = new GoldenRun(std::move(run));
  }

  void SetUp() override { ASSERT_NE(run_, nullptr); }

  inline static json* golden_ = nullptr;
  inline static GoldenRun* run_ = nullptr;
};

TEST_F(GoldenTest, EveryNumberIsWithinItsTolerance) {
  const GoldenNumbers numbers = Checker(*golden_, *run_).Check();
  std::cout << numbers.checked().size() << " numbers checked, " << numbers.mismatches().size() << " mismatches"
            << std::endl;
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
  EXPECT_GT(numbers.checked().size(), 100u);
}

TEST_F(GoldenTest, NoNumberIsLeftOut) {
  // A figure of another program's rounding, which is bounded.
  const auto exempt = [](const std::string& at) { return at == "/max_abs_diff_f32_f64"; };
  EXPECT_THAT(LeftOut(*golden_, Checker(*golden_, *run_).Check(), exempt), testing::IsEmpty());
}

TEST_F(GoldenTest, AChangedDigitIsFound) {
  EXPECT_THAT(UnseenChanges(*golden_, [](const json& golden) { return Checker(golden, *run_).Check(); }),
              testing::IsEmpty());
}

}  // namespace
}  // namespace diarflow
