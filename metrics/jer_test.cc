#include "metrics/jer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/random_turns.h"
#include "metrics/slow_der.h"

namespace diarflow {
namespace {

TEST(JerTest, HandMade) {
  const Recording reference = {"m", {{0, 10, "A"}, {8, 4, "B"}, {30, 1, "C"}}};
  const Recording hypothesis = {"m", {{1, 8, "x"}, {9, 3, "y"}, {20, 1, "x"}}};
  ASSERT_OK_AND_ASSIGN(const FileJer file, ScoreJer(reference, hypothesis));
  ASSERT_EQ(file.speakers.size(), 3u);
  EXPECT_EQ(file.speakers[0].reference, "A");
  EXPECT_EQ(file.speakers[0].hypothesis, "x");
  EXPECT_EQ(file.speakers[0].error, 3);
  EXPECT_EQ(file.speakers[0].common, 11);
  EXPECT_EQ(file.speakers[1].hypothesis, "y");
  EXPECT_DOUBLE_EQ(file.speakers[1].rate(), 0.25);
  EXPECT_EQ(file.speakers[2].hypothesis, "");
  EXPECT_EQ(file.speakers[2].rate(), 1);
  EXPECT_EQ(file.sum.speakers, 3);
  EXPECT_DOUBLE_EQ(file.rate, (3.0 / 11 + 0.25 + 1) / 3);
  // C says nothing there.
  ASSERT_OK_AND_ASSIGN(const FileJer part, ScoreJer(reference, hypothesis, std::vector<TimeSpan>{{0, 12}}));
  EXPECT_EQ(part.sum.speakers, 2);
  EXPECT_DOUBLE_EQ(part.rate, (2.0 / 10 + 0.25) / 2);
}

// y shares 12 with A and all 10 of B; x shares 1 with A. Common time: y to A alone makes 12, x to A and y to B 11.
TEST(JerTest, ConventionsMapDifferently) {
  const Recording reference = {"m", {{0, 100, "A"}, {200, 10, "B"}}};
  const Recording hypothesis = {"m", {{0, 12, "y"}, {200, 10, "y"}, {20, 1, "x"}}};
  ASSERT_OK_AND_ASSIGN(const FileJer most_time, ScoreJer(reference, hypothesis));
  EXPECT_EQ(most_time.speakers[0].hypothesis, "y");
  EXPECT_EQ(most_time.speakers[1].hypothesis, "");
  JerOptions options;
  options.convention = JerConvention::kDscore;
  ASSERT_OK_AND_ASSIGN(const FileJer least_rate, ScoreJer(reference, hypothesis, std::nullopt, options));
  EXPECT_EQ(least_rate.speakers[0].hypothesis, "x");
  EXPECT_EQ(least_rate.speakers[1].hypothesis, "y");
  EXPECT_DOUBLE_EQ(least_rate.rate, (0.99 + 12.0 / 22) / 2);
}

TEST(JerTest, NothingToFind) {
  const Recording empty = {"m", {}};
  const Recording some = {"m", {{0, 5, "A"}}};
  JerOptions dscore;
  dscore.convention = JerConvention::kDscore;
  const auto rate = [](const Recording& reference, const Recording& hypothesis, const JerOptions& options) {
    const auto file = ScoreJer(reference, hypothesis, std::vector<TimeSpan>{{0, 10}}, options);
    EXPECT_OK(file);
    return file.ok() ? file->rate : -1;
  };
  EXPECT_EQ(rate(empty, empty, {}), 1);
  EXPECT_EQ(rate(empty, empty, dscore), 0);
  EXPECT_EQ(rate(empty, some, {}), 1);
  EXPECT_EQ(rate(empty, some, dscore), 1);
  EXPECT_EQ(rate(some, empty, {}), 1);
  EXPECT_EQ(rate(some, empty, dscore), 1);
  ASSERT_OK_AND_ASSIGN(const FileJer nothing, ScoreJer(empty, some));
  EXPECT_EQ(nothing.sum.speakers, 0);
  EXPECT_THAT(ScoreJer(some, {"m", {{0, 0, "A"}}}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JerTest, AgainstEveryMappingCellByCell) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 150; ++round) {
    RandomTurnsOptions turns;
    turns.own_overlap = round % 2 == 1;
    turns.num_speakers = 1 + round % 4;
    turns.num_turns = round % 25;
    const Recording reference = RandomTurns(turns, &random);
    turns.speaker_prefix = "cluster";
    turns.num_speakers = 1 + round / 4 % 4;
    const Recording hypothesis = RandomTurns(turns, &random);
    const std::vector<TimeSpan> region = {{5000, 30000}, {20000, 55000}};
    const int64_t collar = round % 3 == 0 ? 1000 : 0;
    const SlowDer slow(reference, hypothesis, region, {DerConvention::kPyannote, collar, false}, 1000);
    std::set<std::string> names;
    for (const Turn& turn : reference.turns) names.insert(turn.speaker);

    for (const JerConvention convention : {JerConvention::kPyannote, JerConvention::kDscore}) {
      ASSERT_OK_AND_ASSIGN(const FileJer file, ScoreJer(reference, hypothesis, region, {convention, collar, false}));
      SpeakerMap mapping;
      for (const SpeakerJaccard& speaker : file.speakers) {
        if (!speaker.hypothesis.empty()) mapping[speaker.reference] = speaker.hypothesis;
      }
      const auto sum_of = [&](const SpeakerMap& map) {
        double sum = 0;
        for (const std::string& name : names) sum += std::max(0.0, slow.Jaccard(name, map));
        return sum;
      };
      EXPECT_NEAR(file.sum.sum, sum_of(mapping), 1e-12);
      EXPECT_EQ(file.sum.speakers, std::count_if(names.begin(), names.end(),
                                                 [&](const std::string& name) { return slow.Jaccard(name, {}) >= 0; }));
      int64_t most_common = 0;
      double least = static_cast<double>(file.sum.speakers);
      for (const SpeakerMap& other : AllMappings(reference, hypothesis)) {
        most_common = std::max(most_common, slow.CommonTime(other));
        least = std::min(least, sum_of(other));
      }
      if (convention == JerConvention::kPyannote) {
        EXPECT_EQ(slow.CommonTime(mapping), most_common);
      } else {
        EXPECT_NEAR(file.sum.sum, least, 1e-12);
      }
    }
  }
}

TEST(JerTest, PerfectIsZeroAndFilesPoolBySpeakers) {
  std::mt19937_64 random(2);
  RandomTurnsOptions turns;
  const Recording reference = RandomTurns(turns, &random);
  Recording same = reference;
  for (Turn& turn : same.turns) turn.speaker += "é";
  ASSERT_OK_AND_ASSIGN(const FileJer perfect, ScoreJer(reference, same));
  EXPECT_EQ(perfect.rate, 0);
  EXPECT_EQ(perfect.sum.speakers, 4);
  ASSERT_OK_AND_ASSIGN(const FileJer missed, ScoreJer({"n", {{0, 5, "A"}}}, {"n", {}}));
  JerSum pooled = perfect.sum;
  pooled += missed.sum;
  EXPECT_DOUBLE_EQ(pooled.rate(), 0.2);
  EXPECT_EQ(JerSum().rate(), 1);
}

}  // namespace
}  // namespace diarflow
