// Frame counts of audio of any length, and the last frame in both paddings that are in use
// (testdata/golden/padding.json).
#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/testing/golden_fill.h"
#include "models/mimi/testing/mimi_reference.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

json ReadJson(const std::string& name) {
  const auto path = ResolvePath("runfiles:testdata/golden/" + name);
  EXPECT_OK(path);
  const auto text = ReadFile(path.ok() ? *path : "");
  EXPECT_OK(text);
  return json::parse(text.ok() ? *text : "", nullptr, false);
}

double FarthestInFrame(const FloatArray& frames, const ReferenceFrames& reference, int64_t t) {
  double farthest = 0;
  for (int64_t i = 0; i < frames.dim(1); ++i) {
    farthest = std::max(
        farthest, std::fabs(frames[t * frames.dim(1) + i] - reference[static_cast<size_t>(t)][static_cast<size_t>(i)]));
  }
  return farthest;
}

// Stored with three digits; below 2e-5 it is rounding noise on both sides.
void ExpectSame(const json& stored, double computed, const std::string& what) {
  if (stored.is_null()) return;
  const double value = stored.get<double>();
  if (value < 2e-5)
    EXPECT_LT(computed, 2e-5) << what;
  else
    EXPECT_NEAR(computed, value, 0.5001 * std::pow(10, std::floor(std::log10(value)) - 2) + 2e-5) << what;
}

TEST(PaddingTest, FrameCountsAndTheLastFrame) {
  const json padding = ReadJson("padding.json");
  json golden = ReadJson("mimi_full.json");
  ASSERT_OK_AND_ASSIGN(const MimiConfig config, GoldenConfig(golden));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, GoldenWeights(golden));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::FromTensors(table, config, "by formula"));
  ASSERT_OK_AND_ASSIGN(const MimiWeights weights, TakeMimiWeights(table, config));
  ASSERT_GE(padding["rows"].size(), 9u);
  for (const json& row : padding["rows"]) {
    SCOPED_TRACE(row.dump());
    golden["n_samples"] = row["N"];
    ASSERT_OK_AND_ASSIGN(const FloatArray signal, GoldenSignal(golden));
    ASSERT_OK_AND_ASSIGN(const auto seanet, mimi->Encode({signal}, MimiTap::kSeanet));
    ASSERT_OK_AND_ASSIGN(const auto latent, mimi->Encode({signal}, MimiTap::kLatent12));
    EXPECT_EQ(seanet[0].dim(0), row["moshi_T25"]);
    EXPECT_EQ(latent[0].dim(0), row["moshi_T12"]);
    EXPECT_EQ(latent[0].dim(0) * kMimiFrameSamples, row["moshi_padded_to"]);

    ReferenceFrames other = ReferenceSeanet(config, weights, signal, ReferencePadding::kEachConvolution);
    EXPECT_EQ(other.size(), row["hf_T25"]);
    other = ReferenceDownsample(weights, ReferenceTransformer(config, weights, other, 0));
    ASSERT_EQ(other.size(), row["hf_T12"]);
    const int64_t last = latent[0].dim(0) - 1;
    ExpectSame(row["latent_maxabs_diff_last"], FarthestInFrame(latent[0], other, last), "last frame");
    double earlier = 0;
    for (int64_t t = 0; t < last; ++t) earlier = std::max(earlier, FarthestInFrame(latent[0], other, t));
    ExpectSame(row["latent_maxabs_diff_earlier"], earlier, "earlier frames");
  }
}

TEST(PaddingTest, ZerosOnTheRightChangeNoEarlierFrame) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(SmallMimiConfig(), 1));
  for (const int64_t size : {1, 1000, 1919, 1920, 1921, 5000, 9600}) {
    FloatArray audio = FloatArray::Zeros({size}), longer = FloatArray::Zeros({size + 20000});
    for (int64_t i = 0; i < size; ++i) {
      audio.mutable_data()[i] = longer.mutable_data()[i] =
          static_cast<float>(std::sin(0.01 * static_cast<double>(i * i % 5003)));
    }
    ASSERT_OK_AND_ASSIGN(const auto a, mimi->Encode({audio}, MimiTap::kLatent12));
    ASSERT_OK_AND_ASSIGN(const auto b, mimi->Encode({longer}, MimiTap::kLatent12));
    ASSERT_EQ(a[0].dim(0), (size + 1919) / 1920);
    for (int64_t i = 0; i < a[0].size(); ++i) ASSERT_NEAR(a[0][i], b[0][i], 1e-5) << size << " " << i;
  }
}

}  // namespace
}  // namespace diarflow
