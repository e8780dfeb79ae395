// VerifySpeakers on embeddings whose cosines are known.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "nodes/payloads.h"
#include "nodes/trial_list.h"
#include "nodes/verify_report.pb.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

// Items 0 to 3 are in the list: two speakers in two sessions; 4 and on are in question.
std::shared_ptr<const TrialListResource> Trials(int questions) {
  auto trials = std::make_shared<TrialListResource>();
  for (int i = 0; i < 4 + questions; ++i) {
    ListedUtterance utterance;
    utterance.id = utterance.path = absl::StrCat("item ", i);
    trials->list.utterances.push_back(utterance);
    if (i >= 4) trials->questions.push_back(static_cast<size_t>(i));
  }
  trials->list.trials = {{true, 0, 1}, {true, 2, 3}, {false, 0, 2}, {false, 1, 3}};
  trials->description = "four pairs";
  return trials;
}

const std::vector<std::vector<float>>& ListVectors() {
  // One speaker: .8 and 1; two: 0 and .6.
  static const auto& vectors = *new std::vector<std::vector<float>>{{1, 0}, {0.8f, 0.6f}, {0, 1}, {0, 1}};
  return vectors;
}

void Push(const std::vector<std::vector<float>>& vectors, NodeRunner* runner) {
  static const auto& producer = *new std::shared_ptr<const std::string>(std::make_shared<const std::string>("made up"));
  for (const std::vector<float>& vector : vectors) {
    runner->Push("EMBEDDING", Embedding{FloatArray::Copy({2}, vector), producer});
  }
}

VerifyReport ReportOf(const NodeRunner& runner) {
  VerifyReport report;
  EXPECT_EQ(runner.report().result_size(), 1);
  EXPECT_TRUE(runner.report().result(0).UnpackTo(&report));
  return report;
}

TEST(VerifySpeakersTest, AnswersEveryPairWithItsEvidence) {
  NodeRunner runner("type: \"VerifySpeakers\"");
  runner.SetResource("TRIALS", Trials(3));
  Push(ListVectors(), &runner);
  Push({{1, 0}, {0.9f, 0.4358899f}, {0.5f, 0.8660254f}}, &runner);
  ASSERT_OK(runner.Run());
  const VerifyReport report = ReportOf(runner);
  EXPECT_EQ(report.system(), "made up");
  EXPECT_EQ(report.trials(), "four pairs");
  EXPECT_EQ(report.same_pairs(), 2);
  EXPECT_EQ(report.different_pairs(), 2);
  EXPECT_EQ(report.eer(), 0);
  ASSERT_EQ(report.pair_size(), 3);
  EXPECT_EQ(report.pair(0).first(), "item 4");
  EXPECT_EQ(report.pair(0).second(), "item 5");
  EXPECT_NEAR(report.pair(0).score(), 0.9, 1e-6);
  EXPECT_TRUE(report.pair(0).same_speaker());
  EXPECT_EQ(report.pair(0).different_at_or_above(), 0);
  EXPECT_EQ(report.pair(0).same_at_or_below(), 0.5);
  EXPECT_NEAR(report.pair(1).score(), 0.5, 1e-6);
  EXPECT_FALSE(report.pair(1).same_speaker());
  EXPECT_EQ(report.pair(1).different_at_or_above(), 0.5);
  EXPECT_EQ(report.pair(1).same_at_or_below(), 0);
  EXPECT_EQ(report.pair(2).second(), "item 6");
}

TEST(VerifySpeakersTest, ThresholdIsWhereTheErrorsAreEqual) {
  NodeRunner runner("type: \"VerifySpeakers\"");
  runner.SetResource("TRIALS", Trials(2));
  Push(ListVectors(), &runner);
  // Exactly the lowest score of one speaker: accepted.
  Push({{1, 0}, {0.8f, 0.6f}}, &runner);
  ASSERT_OK(runner.Run());
  const VerifyReport report = ReportOf(runner);
  EXPECT_GT(report.threshold(), 0.59);
  EXPECT_LE(report.threshold(), 0.8 + 1e-7);
  EXPECT_TRUE(report.pair(0).same_speaker());
}

TEST(VerifySpeakersTest, AQuestionThatFailedIsLeftOut) {
  NodeRunner runner("type: \"VerifySpeakers\"");
  runner.SetResource("TRIALS", Trials(3));
  Push(ListVectors(), &runner);
  Push({{1, 0}}, &runner);
  runner.PushError("EMBEDDING", absl::DataLossError("no audio"));
  Push({{1, 0}}, &runner);
  ASSERT_OK(runner.Run());
  const VerifyReport report = ReportOf(runner);
  ASSERT_EQ(report.pair_size(), 1);
  EXPECT_EQ(report.pair(0).second(), "item 6");
}

TEST(VerifySpeakersTest, SaysWhatIsMissing) {
  NodeRunner one("type: \"VerifySpeakers\"");
  one.SetResource("TRIALS", Trials(1));
  Push(ListVectors(), &one);
  Push({{1, 0}}, &one);
  EXPECT_THAT(one.Run(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there are 1 files in question")));
  NodeRunner none("type: \"VerifySpeakers\"");
  none.SetResource("TRIALS", Trials(2));
  Push(ListVectors(), &none);
  none.PushError("EMBEDDING", absl::DataLossError("no audio"));
  none.PushError("EMBEDDING", absl::DataLossError("no audio"));
  EXPECT_THAT(none.Run(), StatusIs(absl::StatusCode::kInternal, HasSubstr("no two of the files")));
}

}  // namespace
}  // namespace diarflow
