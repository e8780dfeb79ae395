// Whether the tolerances of the golden tell known mistakes apart: each is made on purpose, by changed weights, samples
// or results, and must end far outside.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/campplus/campplus.h"
#include "models/campplus/campplus_weights.h"
#include "models/weights/open_weights.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

constexpr double kTolerance = 1e-4;  // of the golden's embeddings, relative
// The golden's signal has so many frames behind the stride: fewer than a segment of the masks.
constexpr double kFrames = 74;

// The signal of the golden.
FloatArray Signal() {
  FloatArray signal = FloatArray::Zeros({24000});
  for (int64_t n = 0; n < signal.size(); ++n) {
    const double t = static_cast<double>(n) / kCampplusSampleRate;
    signal.mutable_data()[n] =
        static_cast<float>(0.3 * std::sin(2 * M_PI * 220 * t) * (1 + 0.5 * std::sin(2 * M_PI * 3 * t)) +
                           0.1 * std::sin(2 * M_PI * 1870 * t + 0.3) + 0.05 * std::sin(2 * M_PI * 3511.5 * t * t));
  }
  return signal;
}

FloatArray Scaled(const FloatArray& values, double factor) {
  FloatArray scaled = FloatArray::Zeros(values.shape());
  for (int64_t i = 0; i < values.size(); ++i) scaled.mutable_data()[i] = static_cast<float>(values[i] * factor);
  return scaled;
}

// Kernels [out, in, taps] with the last axis turned round.
FloatArray Reversed(const FloatArray& kernel) {
  FloatArray reversed = FloatArray::Zeros(kernel.shape());
  const int64_t taps = kernel.shape().back();
  for (int64_t i = 0; i < kernel.size(); ++i) {
    reversed.mutable_data()[i] = kernel[i / taps * taps + taps - 1 - i % taps];
  }
  return reversed;
}

class MistakesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(const std::string weights_path,
                         ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
    ASSERT_OK_AND_ASSIGN(const TensorTable table, OpenWeights(weights_path));
    ASSERT_OK_AND_ASSIGN(weights_, TakeCampplusWeights(table));
    ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/campplus_golden.json"));
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
    golden_ = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false)["embedding_float64"]
                  .get<std::vector<double>>();
  }

  static FloatArray Embed(const CampplusWeights& weights, const FloatArray& signal) {
    TensorTable table;
    for (const auto& [name, values] : weights) EXPECT_OK(table.AddFloats(name, values));
    const auto encoder = CampplusEncoder::FromTensors(table, "with a mistake");
    EXPECT_OK(encoder);
    const auto embeddings = (*encoder)->Embed({signal});
    EXPECT_OK(embeddings);
    return (*embeddings)[0];
  }

  static double FromGolden(const FloatArray& embedding) {
    double apart = 0, size = 0;
    for (size_t i = 0; i < golden_.size(); ++i) {
      apart += std::pow(embedding[static_cast<int64_t>(i)] - golden_[i], 2);
      size += std::pow(golden_[i], 2);
    }
    return std::sqrt(apart / size);
  }

  static void ExpectFound(const char* mistake, const FloatArray& embedding) {
    std::printf("%-48s %.1e\n", mistake, FromGolden(embedding));
    EXPECT_GT(FromGolden(embedding), 5 * kTolerance) << mistake;
  }

  // With the weights changed whose names end so.
  static void ExpectFoundInWeights(const char* mistake, const std::string& ending,
                                   const std::function<FloatArray(const FloatArray&)>& change) {
    CampplusWeights weights = weights_;
    int changed = 0;
    for (auto& [name, values] : weights) {
      if (!absl::EndsWith(name, ending)) continue;
      values = change(values);
      ++changed;
    }
    EXPECT_GT(changed, 0) << ending;
    ExpectFound(mistake, Embed(weights, Signal()));
  }

  inline static CampplusWeights weights_;
  inline static std::vector<double> golden_;
};

TEST_F(MistakesTest, AreFarOutsideTheTolerance) {
  const FloatArray right = Embed(weights_, Signal());
  std::printf("%-48s %.1e\n", "none", FromGolden(right));
  EXPECT_LT(FromGolden(right), kTolerance);

  FloatArray rectified = Scaled(right, 1);
  for (int64_t i = 0; i < rectified.size(); ++i) {
    rectified.mutable_data()[i] = std::max(0.0f, rectified.mutable_data()[i]);
  }
  ExpectFound("a ReLU behind the last batch norm", rectified);
  ExpectFound("samples with the full scale of 16 bits", Embed(weights_, Scaled(Signal(), 32768)));
  ExpectFoundInWeights("standard deviation divided by T', not T' - 1", "dense.linear.weight",
                       [](const FloatArray& dense) {
                         FloatArray changed = Scaled(dense, 1);
                         for (int64_t i = 0; i < changed.size(); ++i) {
                           if (i % 1024 >= 512)
                             changed.mutable_data()[i] *= static_cast<float>(std::sqrt((kFrames - 1) / kFrames));
                         }
                         return changed;
                       });
  ExpectFoundInWeights("masks that see no segment means", "cam_layer.linear1.weight",
                       [](const FloatArray& linear) { return Scaled(linear, 0.5); });
  ExpectFoundInWeights("time turned round in the dense layers", "linear_local.weight", &Reversed);
  ExpectFoundInWeights("time turned round in the first time-delay layer", "tdnn.linear.weight", &Reversed);
  ExpectFoundInWeights("an epsilon of 1e-3 in the batch norms", ".running_var", [](const FloatArray& variance) {
    FloatArray changed = Scaled(variance, 1);
    for (int64_t i = 0; i < changed.size(); ++i) changed.mutable_data()[i] += 1e-3f - 1e-5f;
    return changed;
  });
}

}  // namespace
}  // namespace diarflow
