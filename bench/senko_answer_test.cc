#include "bench/senko_answer.h"

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SenkoAnswerTest, BoundariesAreRounded) {
  // 1e6 * 4.35 is 4349999.9999999991.
  ASSERT_OK_AND_ASSIGN(const SenkoAnswer answer, ParseSenkoAnswer(R"({"seconds": 1.5, "memory_kb": 2048,
                                            "turns": [[0, 4.35, "A"], [4.35, 5, "B"], [6, 6.0000001, "A"]]})"));
  EXPECT_EQ(answer.seconds, 1.5);
  EXPECT_EQ(answer.memory_mb, 2);
  EXPECT_THAT(answer.turns, ElementsAre(Turn{0, 4350000, "A"}, Turn{4350000, 650000, "B"}));
}

TEST(SenkoAnswerTest, OtherLinesAreErrors) {
  for (const char* line :
       {"", "words", "[]", "{}", R"({"seconds": 1, "turns": []})", R"({"memory_kb": 1, "turns": []})",
        R"({"seconds": "1", "memory_kb": 1, "turns": []})", R"({"seconds": 1, "memory_kb": 1, "turns": {}})",
        R"({"seconds": 1, "memory_kb": 1})", R"({"seconds": 1, "memory_kb": 1, "turns": [[0, 1]]})",
        R"({"seconds": 1, "memory_kb": 1, "turns": [["0", 1, "A"]]})",
        R"({"seconds": 1, "memory_kb": 1, "turns": [[0, 1, 2]]})"}) {
    EXPECT_THAT(ParseSenkoAnswer(line), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(line)));
  }
}

}  // namespace
}  // namespace diarflow
