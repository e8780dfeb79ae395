// The segmentation network with its real weights against a float64 program's numbers.
//
//   ./bazelw test //models/segmentation:golden_test
//   ... --test_env=GOLDEN_FILE=/path/to/golden.json --test_env=GOLDEN_SIGNAL=/path/to/tone.f32
//
// GOLDEN_SIGNAL: raw float32 samples at 16 kHz, in the place of the formula of "tone". "dev00_first10s" is the
// beginning of a real meeting.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/device/torch_device.h"
#include "models/segmentation/network.h"
#include "models/segmentation/segmentation.h"
#include "models/segmentation/segmentation_weights.h"
#include "models/segmentation/testing/golden_signals.h"
#include "models/testing/golden_numbers.h"
#include "models/testing/test_device.h"
#include "models/weights/open_weights.h"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr int64_t kSamples = kSegmentationGoldenSamples;
constexpr double kMoments = 1e-4, kProbe = 1e-3, kSums = 1e-6;

// What the golden says of a layer.
struct LayerFigures {
  std::vector<double> shape, first, last;
  double mean = 0, deviation = 0;
};

std::vector<double> Flat(const at::Tensor& tensor, int64_t begin, int64_t count) {
  const at::Tensor flat = tensor.contiguous().view({-1}).narrow(0, begin, count).to(at::kDouble);
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + count};
}

LayerFigures FiguresOf(const at::Tensor& values) {
  const at::Tensor wide = values.to(at::kDouble);
  return {{static_cast<double>(values.size(1)), static_cast<double>(values.size(2))},
          Flat(values, 0, 4),
          Flat(values, values.numel() - 4, 4),
          wide.mean().item<double>(),
          wide.std(/*unbiased=*/true).item<double>()};
}

struct Case {
  FloatArray signal;
  double tolerance = 0;  // of log-probabilities
  std::map<std::string, LayerFigures> layers;
  at::Tensor logp;      // [T, 7]
  std::string classes;  // the likeliest of each frame
};

class Checker {
 public:
  Checker(const json& golden, const std::map<std::string, Case>& cases, const SincFilters& filters)
      : golden_(golden), cases_(cases), filters_(filters) {}

  GoldenNumbers Check() {
    for (const auto& [name, made] : cases_) {
      const std::string at = "/" + name;
      for (const auto& [key, value] : golden_[name].items()) Entry(at + "/" + key, key, value, made);
    }
    Filters("/filters", golden_["filters"]);
    return numbers_;
  }

 private:
  void Entry(const std::string& at, const std::string& key, const json& value, const Case& made) {
    double sum = 0, squares = 0;
    for (const float x : made.signal) {
      sum += x;
      squares += double{x} * x;
    }
    if (key == "sum") {
      numbers_.Number(at, value, sum, kSums * std::sqrt(static_cast<double>(kSamples) * squares));
    } else if (key == "sumsq") {
      numbers_.Number(at, value, squares, kSums * squares);
    } else if (key == "x_first8") {
      numbers_.List(at, value, std::vector<double>(made.signal.begin(), made.signal.begin() + 8), 1e-7);
    } else if (absl::StartsWith(key, "x[")) {
      numbers_.Number(at, value, made.signal[std::stoll(key.substr(2))], 1e-7);
    } else if (key == "layers") {
      for (const auto& [name, layer] : value.items()) Layer(at + "/" + name, layer, made.layers.at(name));
    } else if (key == "logp_frames") {
      for (const auto& [frame, row] : value.items()) {
        numbers_.List(at + "/" + frame, row, Flat(made.logp[std::stoll(frame)], 0, kSegmentationClasses),
                      made.tolerance);
      }
    } else if (key == "argmax" || key == "argmax_hist") {
      Argmax(at, key, value, made.classes);
    } else if (key != "max_abs_diff_f32_vs_f64") {
      numbers_.Mismatch(at, "is unknown here");
    }
  }

  void Argmax(const std::string& at, const std::string& key, const json& value, const std::string& classes) {
    if (key == "argmax") {
      if (value != classes) numbers_.Mismatch(at, absl::StrCat("is not ", classes));
      return;
    }
    std::vector<double> counts(kSegmentationClasses, 0);
    for (const char chosen : classes) ++counts[static_cast<size_t>(chosen - '0')];
    numbers_.List(at, value, counts, 0);
  }

  void Layer(const std::string& at, const json& stored, const LayerFigures& figures) {
    const double mean = figures.mean, deviation = figures.deviation;
    numbers_.List(at + "/shape", stored["shape"], figures.shape, 0);
    // A mean near zero is a difference of large numbers.
    numbers_.Number(at + "/mean", stored["mean"], mean, kMoments * std::max(std::fabs(mean), 0.1 * deviation));
    numbers_.Number(at + "/std", stored["std"], deviation, kMoments * deviation);
    numbers_.List(at + "/first4", stored["first4"], figures.first, kProbe * deviation);
    numbers_.List(at + "/last4", stored["last4"], figures.last, kProbe * deviation);
  }

  void Filters(const std::string& at, const json& stored) {
    numbers_.List(at + "/low_hz_first5", stored["low_hz_first5"], Flat(filters_.low, 0, 5), 1e-4);
    numbers_.List(at + "/high_hz_first5", stored["high_hz_first5"], Flat(filters_.high, 0, 5), 1e-4);
    for (const int filter : {0, 10, 40}) {
      const std::string key = absl::StrCat("filter", filter, "_every25");
      const std::vector<double> taps = Flat(filters_.taps[filter], 0, kSegmentationFilterTaps);
      std::vector<double> some;
      for (size_t i = 0; i < taps.size(); i += 25) some.push_back(taps[i]);
      numbers_.List(absl::StrCat(at, "/", key), stored[key], some, 2e-6);
    }
    double squares = 0, sizes = 0;
    for (const double tap : Flat(filters_.taps, 0, filters_.taps.numel())) {
      squares += tap * tap;
      sizes += std::fabs(tap);
    }
    numbers_.Number(at + "/sumsq", stored["sumsq"], squares, kSums * squares);
    numbers_.Number(at + "/abs_sum", stored["abs_sum"], sizes, kSums * sizes);
  }

  const json& golden_;
  const std::map<std::string, Case>& cases_;
  const SincFilters& filters_;
  GoldenNumbers numbers_;
};

class GoldenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(json golden, ReadGolden("runfiles:testdata/golden/segmentation_golden.json"));
    ASSERT_OK_AND_ASSIGN(const std::string path,
                         ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
    ASSERT_OK_AND_ASSIGN(const TensorTable table, OpenWeights(path));
    ASSERT_OK_AND_ASSIGN(const SegmentationWeights weights, TakeSegmentationWeights(table));
    ASSERT_OK_AND_ASSIGN(const ModelDevice device, TestDevice());
    const c10::InferenceMode guard;
    const SegmentationNetwork network(weights, TorchDevice(device));
    auto cases = std::make_unique<std::map<std::string, Case>>();
    ASSERT_OK_AND_ASSIGN((*cases)["tone"].signal, GoldenSignal(&SegmentationTone));
    (*cases)["tone"].tolerance = 1e-4;
    (*cases)["speechlike"] = {SegmentationSpeechLike(), 1e-3, {}, {}, ""};
    ASSERT_OK_AND_ASSIGN(const std::string meeting, ResolvePath("runfiles:@excerpts/excerpts/dev00.wav"));
    ASSERT_OK_AND_ASSIGN(const auto audio, DecodeAudio(meeting, {}));
    ASSERT_GE(audio.samples.size(), kSamples);
    (*cases)["dev00_first10s"] = {
        FloatArray::Copy({kSamples}, {audio.samples.begin(), audio.samples.begin() + kSamples}), 1e-3, {}, {}, ""};
    for (auto& [name, made] : *cases) {
      auto& layers = made.layers;
      const SegmentationObserver observer = [&layers](const std::string& layer, const at::Tensor& values) {
        layers[layer] = FiguresOf(values.cpu());
      };
      made.logp = network.Forward(at::from_blob(made.signal.mutable_data(), {1, 1, kSamples}), &observer)[0].cpu();
      const at::Tensor likeliest = made.logp.argmax(1);
      for (int64_t t = 0; t < likeliest.size(0); ++t) {
        made.classes += static_cast<char>('0' + likeliest[t].item<int64_t>());
      }
    }
    golden_ = new json(std::move(golden));
    filters_ = new SincFilters(MakeSincFilters(weights));
    cases_ = cases.release();
  }

  void SetUp() override { ASSERT_NE(cases_, nullptr); }

  static GoldenNumbers Check(const json& golden) {
    const c10::InferenceMode guard;
    return Checker(golden, *cases_, *filters_).Check();
  }

  inline static json* golden_ = nullptr;
  inline static const SincFilters* filters_ = nullptr;
  inline static const std::map<std::string, Case>* cases_ = nullptr;
};

TEST_F(GoldenTest, EveryNumberIsWithinItsTolerance) {
  const GoldenNumbers numbers = Check(*golden_);
  std::cout << numbers.checked().size() << " numbers checked, " << numbers.mismatches().size() << " mismatches"
            << std::endl;
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
}

TEST_F(GoldenTest, NoNumberIsLeftOut) {
  // How far apart two other programs were.
  const auto exempt = [](const std::string& at) { return absl::EndsWith(at, "/max_abs_diff_f32_vs_f64"); };
  EXPECT_THAT(LeftOut(*golden_, Check(*golden_), exempt), testing::IsEmpty());
}

TEST_F(GoldenTest, AChangedDigitIsFound) { EXPECT_THAT(UnseenChanges(*golden_, &Check), testing::IsEmpty()); }

// One frame of another class.
TEST_F(GoldenTest, AChangedClassIsFound) {
  json mutant = *golden_;
  std::string classes = mutant["speechlike"]["argmax"];
  ASSERT_EQ(classes.size(), 589u);
  classes[300] = classes[300] == '2' ? '3' : '2';
  mutant["speechlike"]["argmax"] = classes;
  EXPECT_GT(Check(mutant).mismatches().size(), Check(*golden_).mismatches().size());
}

}  // namespace
}  // namespace diarflow
