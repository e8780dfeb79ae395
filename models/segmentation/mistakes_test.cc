// Whether the tolerances of the golden tell known mistakes apart: each is made on purpose, in a network that is put
// together here step by step or by changed weights, and must end far outside.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/conv1d.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/leaky_relu.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/log_softmax.h"
#include "ATen/ops/lstm.h"
#include "ATen/ops/max_pool1d.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/segmentation/network.h"
#include "models/segmentation/segmentation_weights.h"
#include "models/segmentation/testing/golden_signals.h"
#include "models/testing/golden_numbers.h"
#include "models/weights/open_weights.h"

namespace diarflow {
namespace {

// Of the golden: log-probabilities, and means and standard deviations of layers in relation.
constexpr double kLogp = 1e-3, kMoments = 1e-4;
constexpr char kBank[] = "sincnet.conv1d.0.filterbank.";

// How the steps are done; as it stands here, rightly.
struct Steps {
  double slope = 0.01;
  double epsilon = 1e-5;
  bool rectified = true;     // the filters' outputs
  bool biased = true;        // the variance of a norm
  bool pooled_first = true;  // and then normalised
};

using Layers = std::map<std::string, at::Tensor>;

class ByHand {
 public:
  ByHand(const SegmentationWeights& weights, const Steps& steps) : weights_(weights), steps_(steps) {}

  Layers Run(FloatArray signal) const {
    Layers layers;
    at::Tensor x = at::from_blob(signal.mutable_data(), {1, 1, signal.size()});
    x = layers["wav_norm"] = Norm(x, "sincnet.wav_norm1d");
    x = at::conv1d(x, MakeSincFilters(weights_).taps, {}, kSegmentationFilterHop);
    x = layers["sinc_abs"] = steps_.rectified ? x.abs() : x;
    for (int i = 0; i < 3; ++i) {
      const std::string conv = absl::StrCat("sincnet.conv1d.", i), norm = absl::StrCat("sincnet.norm1d.", i);
      if (i > 0) x = at::conv1d(x, Weight(conv + ".weight"), Weight(conv + ".bias"));
      x = steps_.pooled_first ? Norm(at::max_pool1d(x, 3, 3), norm) : at::max_pool1d(Norm(x, norm), 3, 3);
      x = layers[absl::StrCat("sinc", i + 1)] = at::leaky_relu(x, steps_.slope);
    }
    x = x.transpose(1, 2);
    const at::Tensor none = at::zeros({2, 1, kSegmentationHidden});
    for (int i = 0; i < kSegmentationRecurrentLayers; ++i) {
      std::vector<at::Tensor> parts;
      for (const char* direction : {"", "_reverse"}) {
        for (const char* part : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
          parts.push_back(Weight(absl::StrCat("lstm.", part, "_l", i, direction)));
        }
      }
      x = std::get<0>(at::lstm(x, {none, none}, parts, true, 1, 0.0, false, true, true));
      layers[absl::StrCat("lstm", i)] = x;
    }
    for (const char* name : {"linear.0", "linear.1"}) x = at::leaky_relu(Linear(x, name), steps_.slope);
    layers["logits"] = Linear(x, "classifier");
    layers["logp"] = at::log_softmax(layers["logits"], -1);
    return layers;
  }

 private:
  at::Tensor Weight(const std::string& name) const {
    const FloatArray& values = weights_.at(name);
    return at::from_blob(const_cast<float*>(values.data()), values.shape());
  }
  at::Tensor Linear(const at::Tensor& x, const std::string& name) const {
    return at::linear(x, Weight(name + ".weight"), Weight(name + ".bias"));
  }
  at::Tensor Norm(const at::Tensor& x, const std::string& name) const {
    const at::Tensor variance = x.var(at::IntArrayRef{2}, /*unbiased=*/!steps_.biased, /*keepdim=*/true);
    const at::Tensor normal = x.sub(x.mean(2, /*keepdim=*/true)).div(variance.add(steps_.epsilon).sqrt());
    return normal.mul(Weight(name + ".weight").view({-1, 1})).add(Weight(name + ".bias").view({-1, 1}));
  }

  const SegmentationWeights& weights_;
  const Steps steps_;
};

class MistakesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(golden_, ReadGolden("runfiles:testdata/golden/segmentation_golden.json"));
    ASSERT_OK_AND_ASSIGN(const std::string path,
                         ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
    ASSERT_OK_AND_ASSIGN(const TensorTable table, OpenWeights(path));
    ASSERT_OK_AND_ASSIGN(weights_, TakeSegmentationWeights(table));
  }

  // The largest error, as a multiple of its tolerance.
  static double FromGolden(const SegmentationWeights& weights, const Steps& steps) {
    const c10::InferenceMode guard;
    const Layers layers = ByHand(weights, steps).Run(SegmentationSpeechLike());
    const nlohmann::json& golden = golden_["speechlike"];
    double most = 0;
    for (const auto& [name, values] : layers) {
      const nlohmann::json& stored = golden["layers"][name];
      const at::Tensor wide = values.to(at::kDouble);
      const double deviation = stored["std"].get<double>(), mean = stored["mean"].get<double>();
      const double scale = kMoments * std::max(std::fabs(mean), 0.1 * deviation);
      most = std::max(most, std::fabs(wide.mean().item<double>() - mean) / scale);
      most = std::max(most, std::fabs(wide.std(/*unbiased=*/true).item<double>() - deviation) / (kMoments * deviation));
    }
    for (const auto& [frame, row] : golden["logp_frames"].items()) {
      for (int64_t c = 0; c < 7; ++c) {
        const double computed = layers.at("logp")[0][std::stoll(frame)][c].item<double>();
        most = std::max(most, std::fabs(computed - row[static_cast<size_t>(c)].get<double>()) / kLogp);
      }
    }
    return most;
  }

  static void ExpectFound(const char* mistake, const SegmentationWeights& weights, const Steps& steps) {
    const double away = FromGolden(weights, steps);
    std::printf("%-52s %.1e tolerances\n", mistake, away);
    EXPECT_GT(away, 5) << mistake;
  }
  static void ExpectFound(const char* mistake, const Steps& steps) { ExpectFound(mistake, weights_, steps); }

  // With the weights changed whose names hold this.
  static void ExpectFoundInWeights(const char* mistake, const std::string& part,
                                   const std::function<FloatArray(const FloatArray&)>& change) {
    SegmentationWeights weights = weights_;
    int changed = 0;
    for (auto& [name, values] : weights) {
      if (!absl::StrContains(name, part)) continue;
      values = change(values);
      ++changed;
    }
    EXPECT_GT(changed, 0) << part;
    ExpectFound(mistake, weights, {});
  }

  inline static SegmentationWeights weights_;
  inline static nlohmann::json golden_;
};

// The second half of a window of `period` + 1 points, a - (1 - a) cos.
FloatArray Window(const FloatArray& window, double a, double period) {
  FloatArray made = FloatArray::Zeros(window.shape());
  for (int64_t i = 0; i < made.size(); ++i) {
    made.mutable_data()[i] = static_cast<float>(a - (1 - a) * std::cos(2 * M_PI * static_cast<double>(i) / period));
  }
  return made;
}

// Kernels [out, in, taps] with the last axis turned round.
FloatArray TurnedRound(const FloatArray& kernel) {
  FloatArray turned = FloatArray::Zeros(kernel.shape());
  const int64_t taps = kernel.shape().back();
  for (int64_t i = 0; i < kernel.size(); ++i) {
    turned.mutable_data()[i] = kernel[i / taps * taps + taps - 1 - i % taps];
  }
  return turned;
}

// The gates stand in four blocks of rows; these two change places.
FloatArray WithGatesSwapped(const FloatArray& values, int64_t one, int64_t other) {
  FloatArray swapped = FloatArray::Copy(values.shape(), {values.begin(), values.end()});
  const int64_t block = values.size() / 4;
  std::swap_ranges(swapped.mutable_data() + one * block, swapped.mutable_data() + (one + 1) * block,
                   swapped.mutable_data() + other * block);
  return swapped;
}

TEST_F(MistakesTest, NoneIsWithinTheTolerance) {
  const double away = FromGolden(weights_, {});
  std::printf("%-52s %.1e tolerances\n", "none", away);
  EXPECT_LT(away, 1);
}

TEST_F(MistakesTest, InTheSteps) {
  Steps steps;
  steps.slope = 0.2;
  ExpectFound("a slope of 0.2 below zero", steps);
  steps = {};
  steps.rectified = false;
  ExpectFound("filters' outputs with their sign", steps);
  steps = {};
  steps.biased = false;
  ExpectFound("variances divided by N - 1", steps);
  steps = {};
  steps.epsilon = 1e-3;
  ExpectFound("an epsilon of 1e-3 in the norms", steps);
  steps = {};
  steps.pooled_first = false;
  ExpectFound("norms before the pooling", steps);
}

TEST_F(MistakesTest, InTheFirstLayers) {
  const std::string window = absl::StrCat(kBank, "window_");
  ExpectFoundInWeights("a Hann window", window, [](const FloatArray& w) { return Window(w, 0.5, 250); });
  ExpectFoundInWeights("a periodic Hamming window", window, [](const FloatArray& w) { return Window(w, 0.54, 251); });
  for (const char* conv : {"conv1d.1.weight", "conv1d.2.weight"}) {
    ExpectFoundInWeights("a kernel turned round", conv, &TurnedRound);
  }
}

TEST_F(MistakesTest, InTheRecurrentLayers) {
  ExpectFoundInWeights("gates in the order i, f, o, g", "lstm.",
                       [](const FloatArray& values) { return WithGatesSwapped(values, 2, 3); });
  ExpectFoundInWeights("gates in the order f, i, g, o", "lstm.",
                       [](const FloatArray& values) { return WithGatesSwapped(values, 0, 1); });
  ExpectFoundInWeights("one bias only", "lstm.bias_hh",
                       [](const FloatArray& values) { return FloatArray::Zeros(values.shape()); });
  SegmentationWeights weights = weights_;
  for (auto& [name, values] : weights) {
    if (absl::EndsWith(name, "_reverse")) std::swap(values, weights[name.substr(0, name.size() - 8)]);
  }
  ExpectFound("directions swapped", weights, {});
}

}  // namespace
}  // namespace diarflow
