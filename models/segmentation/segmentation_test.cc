#include "models/segmentation/segmentation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/segmentation/segmentation_weights.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

FloatArray Noise(int64_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.1f);
  FloatArray noise = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) noise.mutable_data()[i] = normal(random);
  return noise;
}

SegmentationModel::Ptr Model() {
  static const auto& model = *new absl::StatusOr<SegmentationModel::Ptr>(SegmentationModel::Random(3));
  EXPECT_OK(model);
  return *model;
}

TEST(SegmentationTest, TensorsAreThoseOfTheReleasedFile) {
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/segmentation_keys.json"));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  std::set<std::pair<std::string, std::vector<int64_t>>> released, ours;
  const nlohmann::json keys = nlohmann::json::parse(text);
  for (const auto& key : keys) {
    released.emplace(key["name"].get<std::string>(), key["shape"].get<std::vector<int64_t>>());
  }
  for (const ExpectedTensor& tensor : SegmentationTensors()) ours.emplace(tensor.name, tensor.shape);
  EXPECT_EQ(ours, released);
}

TEST(SegmentationTest, SaysWhatItIs) {
  EXPECT_EQ(Model()->Description(), "untrained segmentation (seed 3)");
  EXPECT_EQ(Model()->parameter_count(), 1473265);
  EXPECT_FALSE(Model()->trained());
  ASSERT_OK_AND_ASSIGN(const auto other, SegmentationModel::Random(4));
  EXPECT_NE(other->Fingerprint(), Model()->Fingerprint());
}

TEST(SegmentationTest, ReadsTheReleasedFileWithItsPrefix) {
  ASSERT_OK_AND_ASSIGN(const std::string path,
                       ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
  ASSERT_OK_AND_ASSIGN(const auto model, SegmentationModel::Load(path));
  EXPECT_EQ(model->Description(), "segmentation, weights pyannote_segmentation.pt");
  EXPECT_TRUE(model->trained());
  EXPECT_EQ(model->parameter_count(), 1473265);
}

TEST(SegmentationTest, RefusesWrongWeights) {
  SegmentationWeights weights = RandomSegmentationWeights(1);
  weights["classifer.weight"] = weights["classifier.weight"];
  weights.erase("classifier.weight");
  TensorTable table;
  for (const auto& [name, values] : weights) ASSERT_OK(table.AddFloats(name, values));
  EXPECT_THAT(SegmentationModel::FromTensors(table, "x"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("\"classifier.weight\" is missing (the nearest name that is not used is "
                                 "\"classifer.weight\")")));
}

TEST(SegmentationTest, FramesAreThoseOfTheGrid) {
  std::mt19937 random(1);
  for (const int64_t samples : {int64_t{1261}, int64_t{16000}, int64_t{80000}, int64_t{160000}}) {
    ASSERT_OK_AND_ASSIGN(const auto classes, Model()->Classify({Noise(samples, 1)}));
    EXPECT_EQ(classes[0].dim(0), SegmentationGrid().NumWholeFrames(samples)) << samples;
    EXPECT_EQ(classes[0].dim(1), 7);
  }
  for (int i = 0; i < 12; ++i) {
    const int64_t samples = kSegmentationMinSamples + static_cast<int64_t>(random() % 3000);
    ASSERT_OK_AND_ASSIGN(const auto classes, Model()->Classify({Noise(samples, 1)}));
    EXPECT_EQ(classes[0].dim(0), SegmentationGrid().NumWholeFrames(samples)) << samples;
  }
}

TEST(SegmentationTest, RowsAreProbabilities) {
  ASSERT_OK_AND_ASSIGN(const auto classes, Model()->Classify({Noise(16000, 1)}));
  for (int64_t t = 0; t < classes[0].dim(0); ++t) {
    double sum = 0;
    for (int64_t c = 0; c < 7; ++c) sum += std::exp(classes[0][t * 7 + c]);
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

TEST(SegmentationTest, ABatchGivesWhatEachGivesAlone) {
  const std::vector<FloatArray> windows = {Noise(16000, 1), Noise(16000, 2), Noise(20000, 3), Noise(16000, 4)};
  ASSERT_OK_AND_ASSIGN(const auto together, Model()->Classify(windows));
  for (size_t w = 0; w < windows.size(); ++w) {
    ASSERT_OK_AND_ASSIGN(const auto alone, Model()->Classify({windows[w]}));
    ASSERT_EQ(together[w].shape(), alone[0].shape());
    for (int64_t i = 0; i < alone[0].size(); ++i) ASSERT_NEAR(together[w][i], alone[0][i], 1e-4);
  }
}

TEST(SegmentationTest, ThreadsShareAModel) {
  const std::vector<FloatArray> windows = {Noise(16000, 1), Noise(12000, 2)};
  ASSERT_OK_AND_ASSIGN(const auto alone, Model()->Classify(windows));
  std::vector<std::string> faults(4);
  std::vector<std::thread> threads;
  for (std::string& fault : faults) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) {
        const auto classes = Model()->Classify(windows);
        if (!classes.ok()) {
          fault = classes.status().ToString();
          continue;
        }
        for (size_t w = 0; w < windows.size(); ++w) {
          if (!std::equal(alone[w].begin(), alone[w].end(), (*classes)[w].begin(), (*classes)[w].end())) {
            fault = "other numbers than alone";
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(faults, testing::Each(""));
}

TEST(SegmentationTest, TheLevelDoesNotMatter) {
  const FloatArray window = Noise(32000, 1);
  FloatArray louder = Noise(32000, 1);
  for (int64_t i = 0; i < louder.size(); ++i) louder.mutable_data()[i] *= 4;
  ASSERT_OK_AND_ASSIGN(const auto classes, Model()->Classify({window, louder}));
  // The norm's epsilon sees the level a little.
  for (int64_t i = 0; i < classes[0].size(); ++i) ASSERT_NEAR(classes[0][i], classes[1][i], 0.02);
}

TEST(SegmentationTest, DefinedForEverySample) {
  ASSERT_OK_AND_ASSIGN(const auto silent, Model()->Classify({FloatArray::Zeros({16000})}));
  EXPECT_EQ(silent[0].FirstNotFinite(), -1);
  FloatArray nan = Noise(16000, 1);
  nan.mutable_data()[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Model()->Classify({Noise(16000, 1), nan}),
              StatusIs(absl::StatusCode::kInvalidArgument, "window 1: segmentation: the audio is nan at sample 5"));
  EXPECT_THAT(Model()->Classify({Noise(1260, 1)}),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("at least 1261 are needed")));
  EXPECT_THAT(Model()->Classify({FloatArray::Zeros({kSegmentationMaxSamples + 1})}),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Model()->Classify({FloatArray::Zeros({2, 16000})}), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const auto none, Model()->Classify({}));
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace diarflow
