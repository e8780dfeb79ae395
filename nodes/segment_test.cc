// Segment on made audio, with random weights.
#include <algorithm>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/powerset.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "nodes/payloads.h"
#include "nodes/segmentation_model.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr char kShort[] =
    R"pb(type: "Segment"
         options {
           [diarflow/Segment] { window_samples: 16000 hop_samples: 4000 batch_windows: 3 }
         })pb";

std::shared_ptr<const SegmentationModelResource> Model() {
  auto resource = std::make_shared<SegmentationModelResource>();
  auto model = SegmentationModel::Random(1);
  EXPECT_OK(model);
  resource->model = *model;
  return resource;
}

Audio Noise(int64_t samples, int rate = 16000) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 0.1f);
  FloatArray noise = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) noise.mutable_data()[i] = normal(random);
  return {std::move(noise), rate, 0};
}

TEST(SegmentNodeTest, EachWindowIsWhatItIsAlone) {
  const auto model = Model();
  NodeRunner runner(kShort);
  runner.SetResource("MODEL", model);
  Audio audio = Noise(30000);
  audio.start_sample = 48000;
  runner.Push("AUDIO", audio);
  ASSERT_OK(runner.Run());
  const LocalActivity* activity = runner.Output<LocalActivity>("ACTIVITY", 0);
  ASSERT_NE(activity, nullptr);
  // Windows at 0, 4000, 8000, 12000 and 16000, which ends behind the recording.
  EXPECT_EQ(activity->values.ShapeString(), "[5, 56, 3]");
  EXPECT_EQ(activity->num_samples, 30000);
  EXPECT_EQ(activity->window_samples, 16000);
  EXPECT_EQ(activity->hop_samples, 4000);
  EXPECT_EQ(activity->grid.hop, 270);
  // A piece knows where it stands.
  EXPECT_EQ(activity->grid.first_sample, 48000);
  ASSERT_OK_AND_ASSIGN(const Powerset powerset, Powerset::Create(3, 2));
  for (int64_t w = 0; w < 5; ++w) {
    FloatArray window = FloatArray::Zeros({16000});
    const int64_t last = std::min<int64_t>(30000, w * 4000 + 16000);
    std::copy(audio.samples.begin() + w * 4000, audio.samples.begin() + last, window.mutable_data());
    ASSERT_OK_AND_ASSIGN(const auto classes, model->model->Classify({window}));
    ASSERT_OK_AND_ASSIGN(const FloatArray alone, powerset.SoftActivity(classes[0]));
    for (int64_t t = 0; t < 56; ++t) {
      const double centre = static_cast<double>(w * 4000 + t * 270) + 495.5;
      for (int64_t s = 0; s < 3; ++s) {
        const float number = activity->values[(w * 56 + t) * 3 + s];
        if (centre < 30000)
          ASSERT_NEAR(number, alone[t * 3 + s], 1e-5) << w << " " << t;
        else
          ASSERT_EQ(number, 0) << w << " " << t;
      }
    }
  }
}

TEST(SegmentNodeTest, WindowsCoverAnyLength) {
  NodeRunner runner(kShort);
  runner.SetResource("MODEL", Model());
  const std::vector<std::pair<int64_t, int64_t>> lengths = {{1, 1},     {1600, 1},  {16000, 1}, {16001, 2},
                                                            {20000, 2}, {20001, 3}, {48000, 9}};
  for (const auto& [samples, windows] : lengths) runner.Push("AUDIO", Noise(samples));
  ASSERT_OK(runner.Run());
  for (size_t i = 0; i < lengths.size(); ++i) {
    const LocalActivity* activity = runner.Output<LocalActivity>("ACTIVITY", i);
    ASSERT_NE(activity, nullptr) << lengths[i].first;
    EXPECT_EQ(activity->values.dim(0), lengths[i].second) << lengths[i].first;
    EXPECT_EQ(activity->values.FirstNotFinite(), -1);
  }
}

TEST(SegmentNodeTest, HardActivityIsZeroOrOne) {
  NodeRunner runner(R"pb(type: "Segment"
                         options {
                           [diarflow/Segment] { window_samples: 16000 hop_samples: 16000 activity: HARD }
                         })pb");
  runner.SetResource("MODEL", Model());
  runner.Push("AUDIO", Noise(32000));
  runner.Push("AUDIO", Audio{FloatArray::Zeros({32000}), 16000, 0});
  ASSERT_OK(runner.Run());
  for (const uint64_t item : {0, 1}) {
    const LocalActivity* activity = runner.Output<LocalActivity>("ACTIVITY", item);
    ASSERT_NE(activity, nullptr);
    for (const float number : activity->values) EXPECT_TRUE(number == 0 || number == 1);
  }
}

TEST(SegmentNodeTest, BadAudioFailsAlone) {
  NodeRunner runner(kShort);
  runner.SetResource("MODEL", Model());
  Audio nan = Noise(16000);
  nan.samples.mutable_data()[7] = std::numeric_limits<float>::quiet_NaN();
  runner.Push("AUDIO", Noise(16000, 8000));
  runner.Push("AUDIO", Audio{FloatArray::Zeros({0}), 16000, 0});
  runner.Push("AUDIO", std::move(nan));
  runner.Push("AUDIO", Noise(16000));
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 3);
  EXPECT_THAT(runner.report().failure(0).message(), HasSubstr("8000 Hz, but the segmentation takes 16000 Hz"));
  EXPECT_THAT(runner.report().failure(1).message(),
              HasSubstr("the audio has 0 samples (0.000 s), at least 1 are needed"));
  EXPECT_THAT(runner.report().failure(2).message(), HasSubstr("number 7 of 16000 is nan"));
  EXPECT_NE(runner.Output<LocalActivity>("ACTIVITY", 3), nullptr);
}

TEST(SegmentNodeTest, ThreeHours) {
  NodeRunner runner(R"pb(type: "Segment"
                         options {
                           [diarflow/Segment] { window_samples: 1500 hop_samples: 1500 batch_windows: 1024 }
                         })pb");
  runner.SetResource("MODEL", Model());
  runner.Push("AUDIO", Audio{FloatArray::Zeros({3 * 3600 * int64_t{16000}}), 16000, 0});
  ASSERT_OK(runner.Run());
  const LocalActivity* activity = runner.Output<LocalActivity>("ACTIVITY", 0);
  ASSERT_NE(activity, nullptr);
  EXPECT_EQ(activity->values.dim(0), 115200);
}

TEST(SegmentNodeTest, RefusesOptionsThatLeaveGaps) {
  for (const char* options :
       {"window_samples: 1260", "hop_samples: 0", "window_samples: 16000 hop_samples: 16001", "batch_windows: 0"}) {
    NodeRunner runner(absl::StrCat("type: \"Segment\" options { [diarflow/Segment] { ", options, " } }"));
    runner.SetResource("MODEL", Model());
    runner.Push("AUDIO", Noise(16000));
    EXPECT_THAT(runner.Run(), StatusIs(absl::StatusCode::kInvalidArgument)) << options;
  }
}

}  // namespace
}  // namespace diarflow
