#include "metrics/session_order_error.h"

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

ChannelLabels RandomLabels(int frames, int channels, double density, std::mt19937_64* random) {
  std::bernoulli_distribution active(density);
  ChannelLabels labels = {channels, {}};
  for (int i = 0; i < frames * channels; ++i) labels.active.push_back(active(*random) ? 1 : 0);
  return labels;
}

std::set<int> ActiveIn(const ChannelLabels& labels, int frame) {
  std::set<int> active;
  for (int k = 0; k < labels.num_channels; ++k) {
    if (labels.active[static_cast<size_t>(frame * labels.num_channels + k)] != 0) active.insert(k);
  }
  return active;
}

// By sets, frame by frame, as the header says it.
SessionOrderCounts SlowCounts(const ChannelLabels& reference, const ChannelLabels& hypothesis) {
  SessionOrderCounts counts;
  const int frames = static_cast<int>(reference.active.size()) / reference.num_channels;
  for (int t = 0; t < frames; ++t) {
    const std::set<int> r = ActiveIn(reference, t);
    const std::set<int> h = ActiveIn(hypothesis, t);
    if (!r.empty()) ++counts.speech;
    if (!r.empty() && h.empty()) ++counts.missed;
    if (r.empty() && !h.empty()) ++counts.false_alarm;
    if (r.empty() || h.empty()) continue;
    for (const int k : r) counts.confusion_halves += h.count(k) == 0 ? 1 : 0;
    for (const int k : h) counts.confusion_halves += r.count(k) == 0 ? 1 : 0;
  }
  return counts.speech == 0 ? SessionOrderCounts() : counts;
}

TEST(SessionOrderErrorTest, CountsAsTheSlowWay) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 500; ++round) {
    const int channels = 1 + static_cast<int>(random() % 5);
    const int frames = static_cast<int>(random() % 40);
    const double density = 0.05 + 0.1 * static_cast<double>(random() % 5);
    const ChannelLabels reference = RandomLabels(frames, channels, density, &random);
    const ChannelLabels hypothesis = RandomLabels(frames, channels, density, &random);
    EXPECT_THAT(CountSessionOrderErrors(reference, hypothesis), IsOkAndHolds(SlowCounts(reference, hypothesis)));
  }
}

TEST(SessionOrderErrorTest, ByHand) {
  // Frames: right; two swapped speakers; missed overlap; missed; false alarm; silence.
  const ChannelLabels reference = {2, {1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0}};
  const ChannelLabels hypothesis = {2, {7, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0}};
  ASSERT_OK_AND_ASSIGN(const SessionOrderCounts counts, CountSessionOrderErrors(reference, hypothesis));
  EXPECT_EQ(counts, (SessionOrderCounts{4, 1, 1, 3}));
  EXPECT_DOUBLE_EQ(counts.rate(), (1 + 1 + 1.5) / 4);
}

TEST(SessionOrderErrorTest, DoesNotForgiveAnotherOrderOfTheSpeakers) {
  std::mt19937_64 random(2);
  const ChannelLabels reference = RandomLabels(1000, 2, 0.4, &random);
  ChannelLabels swapped = reference;
  for (size_t i = 0; i < swapped.active.size(); i += 2) std::swap(swapped.active[i], swapped.active[i + 1]);
  EXPECT_THAT(CountSessionOrderErrors(reference, reference), IsOkAndHolds(SlowCounts(reference, reference)));
  ASSERT_OK_AND_ASSIGN(const SessionOrderCounts same, CountSessionOrderErrors(reference, reference));
  EXPECT_EQ(same.rate(), 0);
  ASSERT_OK_AND_ASSIGN(const SessionOrderCounts counts, CountSessionOrderErrors(reference, swapped));
  EXPECT_GT(counts.rate(), 0.5);
}

TEST(SessionOrderErrorTest, AveragesBothWays) {
  const std::vector<SessionOrderCounts> crops = {{100, 10, 0, 20}, {10, 0, 0, 20}, {0, 0, 0, 0}};
  ASSERT_OK_AND_ASSIGN(const SessionOrderError error, AverageSessionOrderErrors(crops));
  EXPECT_EQ(error.num_crops, 2);
  EXPECT_DOUBLE_EQ(error.mean_of_rates, (0.2 + 1) / 2);
  EXPECT_DOUBLE_EQ(error.pooled, 30.0 / 110);
  EXPECT_EQ(error.counts, (SessionOrderCounts{110, 10, 0, 40}));
}

TEST(SessionOrderErrorTest, CropsWithoutSpeechAreDroppedWithTheirFalseAlarms) {
  EXPECT_THAT(CountSessionOrderErrors({2, {0, 0, 0, 0}}, {2, {1, 0, 1, 1}}), IsOkAndHolds(SessionOrderCounts()));
  EXPECT_THAT(CountSessionOrderErrors({2, {}}, {2, {}}), IsOkAndHolds(SessionOrderCounts()));
  EXPECT_EQ(SessionOrderCounts().rate(), 0);
  EXPECT_THAT(AverageSessionOrderErrors({SessionOrderCounts()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("none of 1 crops")));
}

TEST(SessionOrderErrorTest, ShapesMustAgree) {
  const auto is = [](const char* what) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)); };
  EXPECT_THAT(CountSessionOrderErrors({2, {0, 0}}, {2, {0, 0, 0, 0}}), is("1 frames of 2 channels, the hypothesis 2"));
  EXPECT_THAT(CountSessionOrderErrors({2, {0, 0}}, {1, {0, 0}}), is("the hypothesis 2 of 1"));
  EXPECT_THAT(CountSessionOrderErrors({2, {0, 0, 0}}, {2, {0, 0, 0}}), is("the reference has 3 labels"));
  EXPECT_THAT(CountSessionOrderErrors({1, {}}, {0, {}}), is("the hypothesis has 0 labels for 0 channels"));
}

}  // namespace
}  // namespace diarflow
