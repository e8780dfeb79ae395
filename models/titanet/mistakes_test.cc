// Whether the tolerance of the golden's embeddings tells known mistakes apart: each is made on purpose, by changed
// weights or another front end, and must end as far away as the golden says.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/testing/golden_numbers.h"
#include "models/titanet/testing/golden_fill.h"
#include "models/titanet/titanet.h"
#include "models/titanet/titanet_weights.h"

namespace diarflow {
namespace {

constexpr double kTolerance = 2e-5;

class MistakesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(golden_, ReadGolden("runfiles:testdata/golden/titanet.json"));
    ASSERT_OK_AND_ASSIGN(weights_, TakeTitanetWeights(TitanetGoldenTensors(GoldenFill::kFullRank)));
  }

  // How far the current front end's embedding is from the golden's.
  double Away(const TitanetWeights& weights, NemoMelForm form = NemoMelForm::kCurrent) const {
    TensorTable table;
    for (const auto& [name, values] : weights) EXPECT_OK(table.AddFloats(name, values));
    const auto encoder = TitanetEncoder::FromTensors(table, "with a mistake", form);
    EXPECT_OK(encoder);
    const auto embeddings = (*encoder)->Embed({TitanetGoldenSignal()});
    EXPECT_OK(embeddings);
    const std::vector<double> golden = golden_["current"]["embedding"].get<std::vector<double>>();
    double apart = 0, size = 0;
    for (size_t i = 0; i < golden.size(); ++i) {
      apart += std::pow((*embeddings)[0][static_cast<int64_t>(i)] - golden[i], 2);
      size += golden[i] * golden[i];
    }
    return std::sqrt(apart / size);
  }

  void ExpectAway(const char* mistake, double away) const {
    const double known = golden_["mistakes_embedding_rel_l2"][mistake]["current"].get<double>();
    std::printf("%-40s %.2e, known %.2e\n", mistake, away, known);
    EXPECT_NEAR(away, known, 0.02 * known + kTolerance) << mistake;
    EXPECT_GT(away, 2 * kTolerance) << mistake;
  }

  // Another epsilon is another variance.
  TitanetWeights WithVariances(const std::string& prefix, double more) const {
    TitanetWeights weights = weights_;
    for (auto& [name, values] : weights) {
      if (!absl::StartsWith(name, prefix) || !absl::EndsWith(name, "running_var")) continue;
      FloatArray changed = FloatArray::Zeros(values.shape());
      for (int64_t i = 0; i < values.size(); ++i) changed.mutable_data()[i] = static_cast<float>(values[i] + more);
      values = changed;
    }
    return weights;
  }

  // The columns from `begin` on, of the matrix [out, in, 1] or [out, 1, taps], times a factor.
  static FloatArray Scaled(const FloatArray& values, double factor, int64_t begin) {
    FloatArray scaled = FloatArray::Zeros(values.shape());
    const int64_t columns = values.size() / values.dim(0);
    for (int64_t i = 0; i < values.size(); ++i) {
      scaled.mutable_data()[i] = static_cast<float>(values[i] * (i % columns >= begin ? factor : 1));
    }
    return scaled;
  }

  nlohmann::json golden_;
  TitanetWeights weights_;
};

TEST_F(MistakesTest, NoneIsNearerThanTheTolerance) { EXPECT_LT(Away(weights_), kTolerance); }

TEST_F(MistakesTest, EpsilonsOfTheNorms) {
  ExpectAway("bn_eps_1e5", Away(WithVariances("encoder.", 1e-5 - 1e-3)));
  ExpectAway("decoder_bn_eps_1e3", Away(WithVariances("decoder.", 1e-3 - 1e-5)));
}

TEST_F(MistakesTest, KernelsTurnedRound) {
  TitanetWeights weights = weights_;
  for (auto& [name, values] : weights) {
    if (values.shape().size() != 3 || values.dim(1) != 1 || values.dim(2) == 1) continue;
    FloatArray turned = FloatArray::Zeros(values.shape());
    const int64_t taps = values.dim(2);
    for (int64_t i = 0; i < values.size(); ++i) {
      turned.mutable_data()[i] = values[i / taps * taps + taps - 1 - i % taps];
    }
    values = turned;
  }
  ExpectAway("depthwise_kernel_flipped", Away(weights));
}

TEST_F(MistakesTest, MeanAndDeviationSwappedInTheContext) {
  TitanetWeights weights = weights_;
  FloatArray& attend = weights["decoder._pooling.attention_layer.0.conv_layer.weight"];
  FloatArray swapped = FloatArray::Zeros(attend.shape());
  const int64_t width = attend.dim(1);
  for (int64_t i = 0; i < attend.size(); ++i) {
    const int64_t column = i % width;
    const int64_t from = column < kTitanetPooled       ? column
                         : column < 2 * kTitanetPooled ? column + kTitanetPooled
                                                       : column - kTitanetPooled;
    swapped.mutable_data()[i] = attend[i / width * width + from];
  }
  attend = swapped;
  ExpectAway("mu_sd_swapped", Away(weights));
}

// Over n in the place of n - 1, and the other way round: all deviations change by one factor.
TEST_F(MistakesTest, DeviationsOverAnotherCount) {
  constexpr double kFrames = 150;
  TitanetWeights weights = weights_;
  FloatArray& first = weights["encoder.encoder.0.mconv.0.conv.weight"];
  first = Scaled(first, std::sqrt(kFrames / (kFrames - 1)), 0);
  ExpectAway("biased_std_feature_norm", Away(weights));
  weights = weights_;
  FloatArray& attend = weights["decoder._pooling.attention_layer.0.conv_layer.weight"];
  attend = Scaled(attend, std::sqrt(kFrames / (kFrames - 1)), 2 * kTitanetPooled);
  ExpectAway("context_std_unbiased", Away(weights));
}

TEST_F(MistakesTest, ResidualsWithoutTheirNorm) {
  TitanetWeights weights = weights_;
  for (auto& [name, values] : weights) {
    if (!absl::StrContains(name, ".res.0.1.")) continue;
    FloatArray plain = FloatArray::Zeros(values.shape());
    // The encoder's norms add 1e-3 to the variance.
    const double number = absl::EndsWith(name, "running_var") ? 1 - 1e-3 : absl::EndsWith(name, ".weight") ? 1 : 0;
    std::fill_n(plain.mutable_data(), plain.size(), static_cast<float>(number));
    values = plain;
  }
  ExpectAway("residual_without_bn", Away(weights));
}

TEST_F(MistakesTest, OneWeightOfANormByAPercent) {
  TitanetWeights weights = weights_;
  FloatArray& norm = weights["encoder.encoder.2.mconv.12.weight"];
  FloatArray changed = FloatArray::Copy(norm.shape(), {norm.begin(), norm.end()});
  changed.mutable_data()[100] *= 1.01f;
  norm = changed;
  const double away = Away(weights);
  std::printf("one weight of a norm by a percent %.2e\n", away);
  EXPECT_GT(away, kTolerance);
}

TEST_F(MistakesTest, TheOtherFrontEnd) {
  EXPECT_NEAR(Away(weights_, NemoMelForm::kLegacy), golden_["rel_l2_current_legacy"].get<double>(), 2e-3);
}

}  // namespace
}  // namespace diarflow
