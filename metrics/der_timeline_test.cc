#include "metrics/der_timeline.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/random_turns.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kCell = 1000;
constexpr int64_t kLength = 60000;

// Whether the cell that begins at `time` is scored, from the turns as given.
bool IsScored(const Recording& reference, const std::vector<TimeSpan>& region, const DerOptions& options,
              int64_t time) {
  const bool inside = std::any_of(region.begin(), region.end(),
                                  [time](const TimeSpan& span) { return span.start <= time && time < span.end; });
  int active = 0;
  bool in_collar = false;
  for (const Turn& turn : reference.turns) {
    if (turn.start <= time && time < turn.end()) ++active;
    for (const int64_t boundary : {turn.start, turn.end()}) {
      in_collar = in_collar || (boundary - options.collar <= time && time < boundary + options.collar);
    }
  }
  return inside && !in_collar && !(options.skip_overlap && active > 1);
}

TEST(DerTimelineTest, StretchesAndScoredSpansAgreeWithCells) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 100; ++round) {
    RandomTurnsOptions turns;
    turns.num_turns = 1 + static_cast<int>(random() % 30);
    turns.own_overlap = round % 2 == 0;
    const Recording reference = RandomTurns(turns, &random);
    const Recording hypothesis = RandomTurns(turns, &random);
    const std::vector<TimeSpan> region = {{kCell * 5, kLength / 2}, {kLength / 2 - kCell, kLength - 3 * kCell}};
    DerOptions options;
    options.collar = round % 3 == 0 ? 2 * kCell : 0;
    options.skip_overlap = round % 5 == 0;
    ASSERT_OK_AND_ASSIGN(const ScoredTimeline timeline, BuildDerTimeline(reference, hypothesis, region, options));

    std::vector<TimeSpan> expected;
    for (int64_t time = 0; time < kLength; time += kCell) {
      if (!IsScored(reference, region, options, time)) continue;
      if (!expected.empty() && expected.back().end == time) {
        expected.back().end += kCell;
      } else {
        expected.push_back({time, time + kCell});
      }
    }
    EXPECT_EQ(timeline.scored, expected);

    int64_t last_end = 0;
    for (const Stretch& stretch : timeline.stretches) {
      EXPECT_GE(stretch.start, last_end);
      last_end = stretch.start + stretch.length;
      const bool covered = std::any_of(expected.begin(), expected.end(), [&](const TimeSpan& span) {
        return span.start <= stretch.start && last_end <= span.end;
      });
      EXPECT_EQ(stretch.scored, covered);
    }
  }
}

TEST(DerTimelineTest, ErrorsAddUpToTheRate) {
  std::mt19937_64 random(8);
  for (const DerConvention convention : {DerConvention::kPyannote, DerConvention::kMdEval}) {
    for (int round = 0; round < 50; ++round) {
      RandomTurnsOptions turns;
      turns.own_overlap = true;
      const Recording reference = RandomTurns(turns, &random);
      const Recording hypothesis = RandomTurns(turns, &random);
      const DerOptions options = {convention, round % 2 == 0 ? kCell : 0, round % 3 == 0};
      ASSERT_OK_AND_ASSIGN(const FileDer der, ScoreDer(reference, hypothesis, std::nullopt, options));
      ASSERT_OK_AND_ASSIGN(const ScoredTimeline timeline,
                           BuildDerTimeline(reference, hypothesis, std::nullopt, options));
      DerComponents sum;
      for (const Stretch& stretch : timeline.stretches) {
        if (!stretch.scored) continue;
        const StretchErrors errors = ErrorsIn(timeline, stretch, der.mapping);
        sum += {stretch.length * errors.reference, stretch.length * errors.missed, stretch.length * errors.false_alarm,
                stretch.length * errors.confusion};
      }
      EXPECT_EQ(sum, der.components);
    }
  }
}

TEST(DerTimelineTest, PassesErrorsOn) {
  EXPECT_THAT(BuildDerTimeline({"a", {{0, 0, "x"}}}, {"a", {}}, std::nullopt, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"a\"")));
}

}  // namespace
}  // namespace diarflow
