// The way from labels to turns, and back again.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/frame_labels.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

FrameLabelOptions Options(FrameLabelRule rule, int num_speakers, const Rational& rate) {
  FrameLabelOptions options;
  options.rule = rule;
  options.num_speakers = num_speakers;
  options.frame_rate = rate;
  return options;
}

std::vector<float> Column(const FrameLabels& labels, int64_t k) {
  std::vector<float> column;
  for (int64_t i = 0; i < labels.values.dim(0); ++i) column.push_back(labels.values[i * labels.values.dim(1) + k]);
  return column;
}

TEST(TurnsFromFrameLabelsTest, LabelsToTurnsToLabels) {
  std::mt19937_64 random(4);
  // 3 and 7000/9 per second: edges of frames between microseconds.
  for (const Rational& rate : {Rational(25, 2), Rational(25), Rational(50), Rational(100, 7), Rational(3),
                               Rational(7000, 9), Rational(400000)}) {
    for (int round = 0; round < 100; ++round) {
      const int64_t frames = 1 + static_cast<int64_t>(random() % 50);
      FrameLabels labels;
      labels.values = FloatArray::Zeros({frames, 3});
      for (int64_t i = 0; i < 3 * frames; ++i) labels.values.mutable_data()[i] = random() % 2 == 0 ? 1 : 0;
      labels.speakers = {"x", "y"};
      const int64_t start = static_cast<int64_t>(random() % 1000000);
      int64_t length = frames;
      while (WholeFrames(length, rate) < frames) length += std::max<int64_t>(1, length / 1000);
      const TimeSpan crop = {start, start + length};
      ASSERT_OK_AND_ASSIGN(const Recording turns, TurnsFromFrameLabels("m", labels, crop, rate));
      EXPECT_OK(CheckTurns(turns));
      EXPECT_TRUE(std::is_sorted(turns.turns.begin(), turns.turns.end()));
      ASSERT_OK_AND_ASSIGN(const FrameLabels again,
                           LabelFrames(turns, crop, frames, Options(FrameLabelRule::kMajority, 3, rate)));
      for (size_t k = 0; k < again.speakers.size(); ++k) {
        const int64_t from = again.speakers[k] == "x" ? 0 : again.speakers[k] == "y" ? 1 : 2;
        EXPECT_THAT(again.speakers[k], ::testing::AnyOf("x", "y", "speaker3"));
        EXPECT_EQ(Column(again, static_cast<int64_t>(k)), Column(labels, from));
      }
      float sums[2] = {0, 0};
      for (const float v : labels.values) sums[0] += v;
      for (const float v : again.values) sums[1] += v;
      EXPECT_EQ(sums[0], sums[1]);
    }
  }
}

TEST(TurnsFromFrameLabelsTest, TurnsOnTheGridSurvive) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    const int64_t frame = 80000;
    Recording recording{"m", {}};
    for (int s = 0; s < 4; ++s) {
      int64_t at = static_cast<int64_t>(random() % 20);
      while (at < 60) {
        const int64_t length = 1 + static_cast<int64_t>(random() % 9);
        recording.turns.push_back({at * frame, length * frame, absl::StrCat("s", s)});
        at += length + 1 + static_cast<int64_t>(random() % 9);
      }
    }
    std::sort(recording.turns.begin(), recording.turns.end());
    for (const FrameLabelRule rule : {FrameLabelRule::kMajority, FrameLabelRule::kFractional}) {
      ASSERT_OK_AND_ASSIGN(const FrameLabels labels,
                           LabelFrames(recording, {0, 80 * frame}, 80, Options(rule, 4, Rational(25, 2))));
      EXPECT_THAT(TurnsFromFrameLabels("m", labels, {0, 80 * frame}, Rational(25, 2)), IsOkAndHolds(recording));
    }
  }
}

TEST(TurnsFromFrameLabelsTest, TurnsAreCutAtTheEndOfTheCrop) {
  FrameLabels labels;
  labels.values = FloatArray::Copy({3, 1}, {.5f, .75f, .51f});
  EXPECT_THAT(TurnsFromFrameLabels("m", labels, {1000, 201000}, Rational(25, 2)),
              IsOkAndHolds(Recording{"m", {{81000, 120000, "speaker1"}}}));
  EXPECT_THAT(TurnsFromFrameLabels("m", labels, {1000, 1080}, Rational(25, 2)), IsOkAndHolds(Recording{"m", {}}));
}

TEST(TurnsFromFrameLabelsTest, EdgesBecomeTheNearestMicrosecond) {
  FrameLabels labels;
  labels.values = FloatArray::Copy({4, 2}, {1, 0, 0, 1, 0, 0, 1, 1});
  EXPECT_THAT(TurnsFromFrameLabels("m", labels, {0, 2000000}, Rational(3)),
              IsOkAndHolds(Recording{"m",
                                     {{0, 333333, "speaker1"},
                                      {333333, 333334, "speaker2"},
                                      {1000000, 333333, "speaker1"},
                                      {1000000, 333333, "speaker2"}}}));
  // Frames of 2.5 microseconds: halves later.
  EXPECT_THAT(
      TurnsFromFrameLabels("m", labels, {0, 100}, Rational(400000)),
      IsOkAndHolds(Recording{"m", {{0, 3, "speaker1"}, {3, 2, "speaker2"}, {8, 2, "speaker1"}, {8, 2, "speaker2"}}}));
}

TEST(TurnsFromFrameLabelsTest, BadInput) {
  const FloatArray one = FloatArray::Zeros({1, 1});
  const TimeSpan crop = {0, 1000000};
  for (const TimeSpan& bad : {TimeSpan{-1, 5}, {5, 5}, {6, 5}, {0, kMaxMicroseconds + 1}}) {
    EXPECT_THAT(TurnsFromFrameLabels("meeting", {one, {}, {}}, bad, Rational(25)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("meeting")));
  }
  for (const Rational& bad : {Rational(0), Rational(-25, 2), Rational(1000001)}) {
    EXPECT_THAT(TurnsFromFrameLabels("m", {one, {}, {}}, crop, bad),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("frame rate")));
  }
  const auto bad_labels = [&](const FloatArray& values, std::vector<std::string> names) {
    EXPECT_THAT(TurnsFromFrameLabels("m", {values, std::move(names), {}}, crop, Rational(25)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"m\"")));
  };
  bad_labels(FloatArray::Zeros({4}), {});
  bad_labels(FloatArray::Copy({1, 1}, {std::numeric_limits<float>::quiet_NaN()}), {});
  bad_labels(FloatArray::Zeros({2, 1}), {"A", "B"});
}

}  // namespace
}  // namespace diarflow
