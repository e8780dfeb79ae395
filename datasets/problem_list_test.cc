#include "datasets/problem_list.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;

TEST(ProblemListTest, OneSentenceForEachKind) {
  ProblemList problems;
  EXPECT_TRUE(problems.empty());
  EXPECT_THAT(problems.Sentences(), ElementsAre());
  for (const char* what : {"a", "b", "c"}) problems.Add("no audio", what);
  problems.Add("no labels", "b");
  EXPECT_FALSE(problems.empty());
  EXPECT_THAT(problems.Sentences(), ElementsAre("no audio: a, b, c", "no labels: b"));
  problems.Add("no audio", "d");
  EXPECT_THAT(problems.Sentences(), ElementsAre("no audio: a, b, c and 1 more (4 in all)", "no labels: b"));
  EXPECT_THAT(problems.Sentences(1), ElementsAre("no audio: a and 3 more (4 in all)", "no labels: b"));
}

}  // namespace
}  // namespace diarflow
