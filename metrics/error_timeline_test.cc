#include "metrics/error_timeline.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/random_turns.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ErrorTimelineTest, LevelsOfTwoMissedAtOnce) {
  const Recording reference = {"r", {{0, 10, "A"}, {4, 10, "B"}}};
  ASSERT_OK_AND_ASSIGN(const ErrorTimeline errors, MakeErrorTimeline(reference, {"r", {{6, 2, "x"}}}, {{{0, 20}}}, {}));
  EXPECT_THAT(ErrorLevels(errors, &StretchErrors::missed),
              ElementsAre(ElementsAre(TimeSpan{0, 14}), ElementsAre(TimeSpan{4, 6}, TimeSpan{8, 10})));
  EXPECT_THAT(ErrorLevels(errors, &StretchErrors::false_alarm), IsEmpty());
  EXPECT_THAT(ErrorLevels(errors, &StretchErrors::confusion), IsEmpty());
}

TEST(ErrorTimelineTest, MappedSpeakersFirstThenTheOthers) {
  const Recording reference = {"r", {{0, 10, "A"}, {20, 10, "B"}}};
  const Recording hypothesis = {"r", {{0, 1, "extra"}, {2, 8, "b"}, {20, 10, "a"}}};
  ASSERT_OK_AND_ASSIGN(const ErrorTimeline errors, MakeErrorTimeline(reference, hypothesis, {{{0, 40}}}, {}));
  EXPECT_THAT(errors.der.hypothesis_speakers, ElementsAre("extra", "b", "a"));
  EXPECT_THAT(errors.hypothesis_rows, ElementsAre(1, 2, 0));
  EXPECT_THAT(errors.reference_of, ElementsAre(-1, 0, 1));
}

TEST(ErrorTimelineTest, LevelsAddUpToTheErrors) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    const Recording reference = RandomConversation("r", 60000000, &random);
    const Recording hypothesis = RandomHypothesis(reference, 500000, &random);
    DerOptions options;
    options.collar = round % 3 * 100000;
    options.skip_overlap = round % 2 == 0;
    ASSERT_OK_AND_ASSIGN(const ErrorTimeline errors, MakeErrorTimeline(reference, hypothesis, {}, options));
    const auto sum = [&errors](int64_t StretchErrors::* count) {
      int64_t sum = 0;
      for (const std::vector<TimeSpan>& level : ErrorLevels(errors, count)) {
        for (size_t i = 0; i < level.size(); ++i) {
          sum += level[i].length();
          EXPECT_GT(level[i].length(), 0);
          EXPECT_TRUE(i == 0 || level[i].start > level[i - 1].end);
        }
      }
      return sum;
    };
    EXPECT_EQ(sum(&StretchErrors::missed), errors.der.components.missed);
    EXPECT_EQ(sum(&StretchErrors::false_alarm), errors.der.components.false_alarm);
    EXPECT_EQ(sum(&StretchErrors::confusion), errors.der.components.confusion);
  }
}

TEST(ErrorTimelineTest, ErrorsOfTheScorePass) {
  EXPECT_THAT(MakeErrorTimeline({"r", {{-1, 1, "A"}}}, {"r", {}}, {}, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("r")));
}

}  // namespace
}  // namespace diarflow
