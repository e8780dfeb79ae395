#include "metrics/der_floors.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/random_turns.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DerFloorsTest, OneSpeakerSpeaksWheneverSomebodyDoes) {
  const Recording reference = {"m", {{20, 5, "B"}, {0, 10, "A"}, {8, 4, "B"}, {2, 3, "C"}, {12, 1, "A"}, {30, 1, "A"}}};
  EXPECT_THAT(OneSpeakerHypothesis(reference).turns,
              ElementsAre(Turn{0, 13, "speaker"}, Turn{20, 5, "speaker"}, Turn{30, 1, "speaker"}));
  EXPECT_EQ(OneSpeakerHypothesis(reference).uri, "m");
  EXPECT_THAT(OneSpeakerHypothesis({"m", {}}).turns, IsEmpty());
}

TEST(DerFloorsTest, OracleKeepsWhoBeganFirst) {
  const Recording reference = {"m", {{20, 5, "B"}, {8, 6, "B"}, {0, 10, "A"}, {2, 3, "C"}, {14, 1, "B"}, {20, 6, "A"}}};
  EXPECT_THAT(OracleWithoutOverlap(reference).turns,
              ElementsAre(Turn{0, 10, "A"}, Turn{10, 5, "B"}, Turn{20, 5, "B"}, Turn{25, 1, "A"}));
  EXPECT_THAT(OracleWithoutOverlap({"m", {}}).turns, IsEmpty());
}

TEST(DerFloorsTest, OracleMissesOverlapOnly) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) {
    RandomTurnsOptions turns;
    turns.num_speakers = 1 + round % 6;
    turns.own_overlap = round % 2 == 1;
    const Recording reference = RandomTurns(turns, &random);
    const Recording oracle = OracleWithoutOverlap(reference);
    const Recording one = OneSpeakerHypothesis(reference);
    int64_t speech = 0;
    for (const Turn& turn : one.turns) speech += turn.duration;
    ASSERT_OK_AND_ASSIGN(const FileDer with_oracle, ScoreDer(reference, oracle));
    const int64_t total = with_oracle.components.total;
    EXPECT_EQ(with_oracle.components, (DerComponents{total, total - speech, 0, 0}));
    ASSERT_OK_AND_ASSIGN(const FileDer with_one, ScoreDer(reference, one));
    EXPECT_EQ(with_one.components.missed, total - speech);
    EXPECT_EQ(with_one.components.false_alarm, 0);
    // Right while the one who says most speaks.
    std::vector<int64_t> of_speaker(6);
    for (int s = 0; s < 6 && !turns.own_overlap; ++s) {
      for (const Turn& turn : reference.turns) of_speaker[s] += turn.speaker.back() == '0' + s ? turn.duration : 0;
    }
    if (turns.own_overlap) continue;
    EXPECT_EQ(with_one.components.confusion, speech - *std::max_element(of_speaker.begin(), of_speaker.end()));
  }
}

TEST(DerFloorsTest, RandomSpeakersApproachTheExpectedValue) {
  const Recording reference = {
      "m", {{0, 1000, "A"}, {1500, 700, "B"}, {2000, 900, "A"}, {4000, 300, "C"}, {5000, 2000, "B"}, {9000, 800, "C"}}};
  Recording hypothesis = OneSpeakerHypothesis(reference);
  const size_t stretches = hypothesis.turns.size();
  ASSERT_EQ(stretches, 5u);
  for (const int num_speakers : {1, 2, 3, 4}) {
    // Every way to label the stretches, each equally likely.
    int64_t count = 1;
    for (size_t i = 0; i < stretches; ++i) count *= num_speakers;
    double sum = 0;
    double sum_of_squares = 0;
    for (int64_t labelling = 0; labelling < count; ++labelling) {
      int64_t rest = labelling;
      for (Turn& turn : hypothesis.turns) {
        turn.speaker = std::to_string(rest % num_speakers);
        rest /= num_speakers;
      }
      ASSERT_OK_AND_ASSIGN(const FileDer file, ScoreDer(reference, hypothesis));
      sum += file.components.rate();
      sum_of_squares += file.components.rate() * file.components.rate();
    }
    const double mean = sum / static_cast<double>(count);
    const double deviation = std::sqrt(std::max(0.0, sum_of_squares / static_cast<double>(count) - mean * mean));
    RandomSpeakersOptions options;
    options.num_speakers = num_speakers;
    options.draws = 4000;
    ASSERT_OK_AND_ASSIGN(const DerComponents drawn, RandomSpeakersSum(reference, std::nullopt, {}, options));
    EXPECT_NEAR(drawn.rate(), mean, 4 * deviation / std::sqrt(options.draws) + 1e-12);
    EXPECT_EQ(drawn.total, options.draws * int64_t{5700});
    EXPECT_EQ(drawn.false_alarm, 0);
    EXPECT_THAT(RandomSpeakersSum(reference, std::nullopt, {}, options), IsOkAndHolds(drawn));
  }
}

TEST(DerFloorsTest, BadInput) {
  const Recording reference = {"m", {{0, 1, "A"}}};
  EXPECT_THAT(RandomSpeakersSum(reference, std::nullopt, {}, {0, 1, 1}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RandomSpeakersSum(reference, std::nullopt, {}, {1, 0, 1}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RandomSpeakersSum({"m", {{0, 0, "A"}}}, std::nullopt, {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace diarflow
