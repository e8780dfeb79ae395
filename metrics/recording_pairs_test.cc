#include "metrics/recording_pairs.h"

#include <optional>
#include <vector>

#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const Recording kB = {"b", {{0, 5, "A"}}};
const Recording kA = {"a", {{1, 5, "A"}}};
const Recording kSystemA = {"a", {{2, 5, "x"}}};

TEST(RecordingPairsTest, PairsByUri) {
  ASSERT_OK_AND_ASSIGN(const std::vector<RecordingPair> pairs, PairRecordings({kB, kA}, {kSystemA}, std::nullopt));
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].reference, kB);
  EXPECT_EQ(pairs[0].hypothesis, (Recording{"b", {}}));
  EXPECT_FALSE(pairs[0].has_hypothesis);
  EXPECT_FALSE(pairs[0].region.has_value());
  EXPECT_EQ(pairs[1].reference, kA);
  EXPECT_EQ(pairs[1].hypothesis, kSystemA);
  EXPECT_TRUE(pairs[1].has_hypothesis);
}

TEST(RecordingPairsTest, RegionsAddRecordingsWithoutSpeech) {
  const std::vector<EvaluationRegion> regions = {{"a", {{0, 9}}}, {"b", {{1, 3}, {4, 5}}}};
  ASSERT_OK_AND_ASSIGN(const std::vector<RecordingPair> pairs, PairRecordings({kB}, {kSystemA}, regions));
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].reference, kB);
  EXPECT_EQ(pairs[0].region, regions[1].spans);
  EXPECT_EQ(pairs[1].reference, (Recording{"a", {}}));
  EXPECT_EQ(pairs[1].hypothesis, kSystemA);
  EXPECT_EQ(pairs[1].region, regions[0].spans);
}

TEST(RecordingPairsTest, Errors) {
  EXPECT_THAT(PairRecordings({kB, kB}, {}, std::nullopt),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two references of the recording \"b\"")));
  EXPECT_THAT(PairRecordings({kA}, {kSystemA, kSystemA}, std::nullopt),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two hypotheses of the recording \"a\"")));
  EXPECT_THAT(PairRecordings({}, {}, std::vector<EvaluationRegion>{{"b", {{0, 1}}}, {"b", {{2, 3}}}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two regions of the recording \"b\"")));
  EXPECT_THAT(PairRecordings({{"IS1009a", {}}}, {{"IS1009A", {}}}, std::nullopt),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("\"IS1009A\""), HasSubstr("mean \"IS1009a\"?"))));
  EXPECT_THAT(PairRecordings({kA, kB}, {}, std::vector<EvaluationRegion>{{"b", {{0, 1}}}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("leave out the recording \"a\"")));
}

}  // namespace
}  // namespace diarflow
