#include "bench/model_answer.h"

#include <cmath>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ModelAnswerTest, TimesAndNumbers) {
  ASSERT_OK_AND_ASSIGN(const ModelAnswer answer, ParseModelAnswer(R"({"seconds": 0.25, "numbers": [1, -2.5]})"));
  EXPECT_EQ(answer.seconds, .25);
  EXPECT_THAT(answer.numbers, ElementsAre(1, -2.5));
  ASSERT_OK_AND_ASSIGN(const std::string version, ParseModelVersion(R"({"version": "Net 1.0"})"));
  EXPECT_EQ(version, "Net 1.0");
}

TEST(ModelAnswerTest, ThePeersOwnErrors) {
  EXPECT_THAT(ParseModelAnswer(R"({"error": "no memory"})"), StatusIs(absl::StatusCode::kUnavailable, "no memory"));
}

TEST(ModelAnswerTest, OtherLinesAreErrors) {
  for (const char* line : {"", "words", "[]", "{}", R"({"seconds": 1})", R"({"numbers": []})",
                           R"({"seconds": "1", "numbers": []})", R"({"seconds": 1, "numbers": 2})",
                           R"({"seconds": 1, "numbers": [1, "2"]})", R"({"seconds": 1, "numbers": [null]})"}) {
    EXPECT_THAT(ParseModelAnswer(line), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(line)));
    EXPECT_THAT(ParseModelVersion(line), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(line)));
  }
}

TEST(ModelAnswerTest, DistancesAreRelativeToTheSecond) {
  EXPECT_EQ(RelativeDistance({3, 4}, {3, 4}), 0);
  EXPECT_DOUBLE_EQ(RelativeDistance({3, 5}, {3, 4}), .2);
  EXPECT_TRUE(std::isinf(RelativeDistance({3}, {3, 4})));
  EXPECT_TRUE(std::isinf(RelativeDistance({NAN, 4}, {3, 4})));
  EXPECT_TRUE(std::isinf(RelativeDistance({}, {})));
}

}  // namespace
}  // namespace diarflow
