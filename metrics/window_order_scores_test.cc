#include "metrics/window_order_scores.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

FloatArray Labels(int64_t frames, int64_t width, uint64_t seed) {
  Random random(seed);
  FloatArray labels = FloatArray::Zeros({frames, width});
  for (int64_t i = 0; i < labels.size(); ++i) labels.mutable_data()[i] = random.Below(3) == 0 ? 1.0f : 0.0f;
  return labels;
}

// By the book, frame by frame, for activity that is 0 or 1.
SessionTally Slow(const FloatArray& labels, const FloatArray& activity) {
  SessionTally tally;
  const int64_t width = labels.dim(1);
  for (int64_t t = 0; t < labels.dim(0); ++t) {
    int64_t reference = 0, hypothesis = 0, differ = 0;
    for (int64_t k = 0; k < width; ++k) {
      reference += labels[t * width + k] > 0.5f;
      hypothesis += activity[t * width + k] > 0.5f;
      differ += (labels[t * width + k] > 0.5f) != (activity[t * width + k] > 0.5f);
    }
    tally.total += reference > 0 ? 2 : 0;
    tally.missed += reference > 0 && hypothesis == 0 ? 2 : 0;
    tally.false_alarm += reference == 0 && hypothesis > 0 ? 2 : 0;
    tally.confusion += reference > 0 && hypothesis > 0 ? differ : 0;
  }
  return tally;
}

TEST(WindowOrderScores, WithoutAFilterTheyAreThoseOfASlowCount) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    // The last window is shorter.
    const FloatArray labels = Labels(47, 3, seed), activity = Labels(47, 3, seed + 100);
    ASSERT_OK_AND_ASSIGN(const SessionTally tally, TallyWindowActivity(labels, 10, activity, 0.5, 1));
    const SessionTally slow = Slow(labels, activity);
    EXPECT_EQ(tally.total, slow.total);
    EXPECT_EQ(tally.missed, slow.missed);
    EXPECT_EQ(tally.false_alarm, slow.false_alarm);
    EXPECT_EQ(tally.confusion, slow.confusion);
    EXPECT_EQ(tally.num_windows, 5);
  }
}

// Columns of one window say nothing of those of the next: a filter that looked across the edge would find speech there.
TEST(WindowOrderScores, TheFilterStaysInItsWindow) {
  FloatArray labels = FloatArray::Zeros({20, 1}), activity = FloatArray::Zeros({20, 1});
  for (int64_t t = 8; t < 12; ++t) labels.mutable_data()[t] = activity.mutable_data()[t] = 1;
  ASSERT_OK_AND_ASSIGN(const SessionTally whole, TallyWindowActivity(labels, 20, activity, 0.5, 7));
  EXPECT_EQ(whole.missed, 0);
  ASSERT_OK_AND_ASSIGN(const SessionTally halves, TallyWindowActivity(labels, 10, activity, 0.5, 7));
  EXPECT_EQ(halves.missed, 8);
  EXPECT_EQ(halves.total, 8);
}

TEST(WindowOrderScores, AFilterOfThreeFramesDropsASingleOne) {
  FloatArray labels = FloatArray::Zeros({9, 1}), activity = FloatArray::Zeros({9, 1});
  for (const int64_t t : {2, 3, 4}) labels.mutable_data()[t] = activity.mutable_data()[t] = 0.9f;
  activity.mutable_data()[7] = 0.9f;
  ASSERT_OK_AND_ASSIGN(const SessionTally plain, TallyWindowActivity(labels, 9, activity, 0.5, 1));
  EXPECT_EQ(plain.false_alarm, 2);
  ASSERT_OK_AND_ASSIGN(const SessionTally filtered, TallyWindowActivity(labels, 9, activity, 0.5, 3));
  EXPECT_EQ(filtered.errors(), 0);
}

TEST(WindowOrderScores, PerfectSystemsAreWrongAboutTheOrderAlone) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const FloatArray labels = Labels(60, 4, seed);
    ASSERT_OK_AND_ASSIGN(const SessionTally arrival, TallyArrivalOrder(labels, 15));
    ASSERT_OK_AND_ASSIGN(const SessionTally random, TallyRandomOrder(labels, 15, seed));
    ASSERT_OK_AND_ASSIGN(const SessionTally one, TallyOneColumn(labels, 15));
    for (const SessionTally& tally : {arrival, random, one}) {
      EXPECT_EQ(tally.missed + tally.false_alarm, 0);
      EXPECT_GT(tally.confusion, 0);
    }
  }
  // Where speakers arrive in the order of the columns, nothing is wrong.
  FloatArray labels = FloatArray::Zeros({30, 2});
  for (int64_t t = 0; t < 30; ++t) labels.mutable_data()[2 * t + (t % 15 < 7 ? 0 : 1)] = 1;
  ASSERT_OK_AND_ASSIGN(const SessionTally arrival, TallyArrivalOrder(labels, 15));
  EXPECT_EQ(arrival.errors(), 0);
  EXPECT_EQ(arrival.total, 60);
}

}  // namespace
}  // namespace diarflow
