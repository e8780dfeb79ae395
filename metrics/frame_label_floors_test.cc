// What frame labels cost by themselves: the error rate of a system that gets every frame right.
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "audio/time_grid.h"
#include "base/status_matchers.h"
#include "diarization/frame_labels.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/random_turns.h"

namespace diarflow {
namespace {

// Pooled over 8 generated conversations of half an hour, as dense as AMI's meetings. Delay in frames.
double LabelFloor(FrameLabelRule rule, const Rational& rate, int delay, int64_t collar) {
  std::mt19937_64 random(1);
  DerComponents pooled;
  for (int i = 0; i < 8; ++i) {
    const Recording reference = RandomConversation("m", 1800 * kMicrosecondsPerSecond, &random);
    TimeSpan whole = {0, 0};
    for (const Turn& turn : reference.turns) whole.end = std::max(whole.end, turn.end());
    whole.end += kMicrosecondsPerSecond;
    FrameLabelOptions options;
    options.rule = rule;
    options.frame_rate = rate;
    const absl::StatusOr<FrameLabels> labels =
        LabelFrames(reference, whole, TouchedFrames(whole.length(), rate), options);
    EXPECT_OK(labels.status());
    absl::StatusOr<Recording> hypothesis = TurnsFromFrameLabels("m", *labels, whole, rate);
    EXPECT_OK(hypothesis.status());
    for (Turn& turn : hypothesis->turns) turn.start += delay * kMicrosecondsPerSecond * rate.den() / rate.num();
    DerOptions der;
    der.collar = collar;
    const absl::StatusOr<FileDer> scored = ScoreDer(reference, *hypothesis, std::vector<TimeSpan>{whole}, der);
    EXPECT_OK(scored.status());
    pooled += scored->components;
  }
  return pooled.rate();
}

// On AMI's test set (only_words, collar 0): majority .97 %, outer 1.95 %, majority at 40 ms .47 %, a delay of one frame
// of 80 ms 3.84 %. Turns of 4 s on average have two edges, each wrong by a quarter of a frame on average: 40 ms in 4 s.
TEST(FrameLabelFloorsTest, MajorityCostsHalfOfOuter) {
  const double majority = LabelFloor(FrameLabelRule::kMajority, Rational(25, 2), 0, 0);
  const double outer = LabelFloor(FrameLabelRule::kOuter, Rational(25, 2), 0, 0);
  const double majority_40_ms = LabelFloor(FrameLabelRule::kMajority, Rational(25), 0, 0);
  const double delayed = LabelFloor(FrameLabelRule::kMajority, Rational(25, 2), 1, 0);
  RecordProperty("majority_percent", std::to_string(100 * majority));
  RecordProperty("outer_percent", std::to_string(100 * outer));
  RecordProperty("majority_40_ms_percent", std::to_string(100 * majority_40_ms));
  RecordProperty("delayed_percent", std::to_string(100 * delayed));
  EXPECT_GT(majority, .007);
  EXPECT_LT(majority, .013);
  EXPECT_GT(outer, 1.8 * majority);
  EXPECT_LT(outer, 2.3 * majority);
  EXPECT_GT(majority_40_ms, .4 * majority);
  EXPECT_LT(majority_40_ms, .6 * majority);
  EXPECT_GT(delayed, 3 * majority);
}

TEST(FrameLabelFloorsTest, NothingIsLeftBesideACollar) {
  EXPECT_EQ(LabelFloor(FrameLabelRule::kMajority, Rational(25, 2), 0, 250000), 0);
  EXPECT_EQ(LabelFloor(FrameLabelRule::kOuter, Rational(25, 2), 0, 250000), 0);
}

}  // namespace
}  // namespace diarflow
