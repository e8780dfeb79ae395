#include "bench/mimi_answer.h"

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/mimi_config.h"

namespace diarflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(MimiAnswerTest, Answers) {
  ASSERT_OK_AND_ASSIGN(const MimiAnswer whole,
                       ParseMimiAnswer(R"({"seconds": 0.5, "latent": [1, -2.5], "memory_kb": 2048})"));
  EXPECT_EQ(whole.seconds, 0.5);
  EXPECT_THAT(whole.latent, ElementsAre(1, -2.5));
  EXPECT_EQ(whole.memory_mb, 2);
  ASSERT_OK_AND_ASSIGN(const MimiAnswer steps, ParseMimiAnswer(R"({"steps": [0.25, 0.5]})"));
  EXPECT_THAT(steps.steps, ElementsAre(0.25, 0.5));
}

TEST(MimiAnswerTest, BadAnswersAreSaidToBe) {
  EXPECT_THAT(ParseMimiAnswer(R"({"error": "no module named moshi"})"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no module")));
  for (const char* line : {"", "[1]", "{", R"({"seconds": "1"})", R"({"steps": 3})", R"({"steps": ["a"]})",
                           R"({"seconds": 1, "latent": {}})", R"({"memory_kb": 1})"}) {
    EXPECT_THAT(ParseMimiAnswer(line), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no measurement"))) << line;
  }
}

TEST(MimiAnswerTest, OperationsOfTheReleasedSize) {
  // 5.3 without attention's own products, which are another 2 %.
  EXPECT_NEAR(MimiOperationsPerSecond(ReleasedMimiConfig()) / 1e9, 5.42, 0.01);
  EXPECT_LT(MimiOperationsPerSecond(SmallMimiConfig()), 0.1 * MimiOperationsPerSecond(ReleasedMimiConfig()));
}

}  // namespace
}  // namespace diarflow
