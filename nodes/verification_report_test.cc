#include "nodes/verification_report.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

TrialList List(const std::string& text) {
  auto list = ParseTrialList(text, "list");
  EXPECT_OK(list);
  return *std::move(list);
}

TEST(VerificationReportTest, CosineOfVectors) {
  const FloatArray a = FloatArray::Copy({2}, {3, 4});
  EXPECT_NEAR(CosineScore(a, a), 1, 1e-15);
  EXPECT_NEAR(CosineScore(a, FloatArray::Copy({2}, {-4, 3})), 0, 1e-15);
  EXPECT_NEAR(CosineScore(a, FloatArray::Copy({2}, {-30, -40})), -1, 1e-15);
  EXPECT_EQ(CosineScore(a, FloatArray::Zeros({2})), 0);
}

// Two speakers in two sessions; vectors whose cosines are known.
const char kTrials[] = "1 a/x/1 a/y/1\n1 b/x/1 b/y/1\n0 a/x/1 b/y/1\n0 b/x/1 a/y/1\n";

std::vector<FloatArray> Embeddings() {
  // In the order of first mention: a/x, a/y, b/x, b/y.
  return {FloatArray::Copy({2}, {1, 0}), FloatArray::Copy({2}, {2, 0}), FloatArray::Copy({2}, {0, 1}),
          FloatArray::Copy({2}, {3, 4})};
}

TEST(VerificationReportTest, ScoresInTheOrderOfTheList) {
  const TrialList list = List(kTrials);
  ASSERT_OK_AND_ASSIGN(const ScoredTrials scored, ScoreByCosine(list, Embeddings(), "test"));
  ASSERT_EQ(scored.scores.size(), 4u);
  EXPECT_NEAR(scored.scores[0], 1.0, 1e-12);
  EXPECT_NEAR(scored.scores[1], 0.8, 1e-7);
  EXPECT_NEAR(scored.scores[2], 0.6, 1e-7);
  EXPECT_NEAR(scored.scores[3], 0.0, 1e-12);
  ASSERT_OK_AND_ASSIGN(const SystemScores system, MeasureSystem(list, scored, 0, 1));
  EXPECT_EQ(system.eer(), 0);
  EXPECT_EQ(system.pairs(), 4);
  EXPECT_EQ(system.positive_pairs(), 2);
  EXPECT_NEAR(system.mean_positive(), 0.9, 1e-7);
  EXPECT_NEAR(system.mean_negative(), 0.3, 1e-7);
  EXPECT_NEAR(system.lowest_score(), 0, 1e-12);
  EXPECT_FALSE(system.has_eer_interval());
  EXPECT_EQ(FormatScores(list, scored, {}).substr(0, 41), "label\tenrol\ttest\tscore\n1\ta/x/1\ta/y/1\t1\n1\t");
}

TEST(VerificationReportTest, LeavesOutTrialsWithoutBothEmbeddings) {
  const TrialList list = List(kTrials);
  std::vector<FloatArray> embeddings = Embeddings();
  embeddings[1] = FloatArray();
  ASSERT_OK_AND_ASSIGN(const ScoredTrials scored, ScoreByCosine(list, embeddings, "test"));
  EXPECT_EQ(scored.trials, (std::vector<size_t>{1, 2}));
  ASSERT_OK_AND_ASSIGN(const ScoredTrials floor, ScoreByCosine(list, embeddings, "floor"));
  EXPECT_THAT(FormatScores(list, scored, {{"floor", &floor}}), HasSubstr("1\tb/x/1\tb/y/1\t0.8"));
  // A column of a system that could score everything, and one of a system that could not.
  ASSERT_OK_AND_ASSIGN(const ScoredTrials all, ScoreByCosine(list, Embeddings(), "all"));
  EXPECT_THAT(FormatScores(list, scored, {{"all", &all}}), HasSubstr("0\ta/x/1\tb/y/1\t0.6"));
  EXPECT_THAT(FormatScores(list, all, {{"few", &scored}}), HasSubstr("1\ta/x/1\ta/y/1\t1\t-\n"));
  EXPECT_THAT(ScoreByCosine(list, std::vector<FloatArray>(4), "none"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no trial can be scored")));
  embeddings[0] = FloatArray::Zeros({3});
  EXPECT_THAT(ScoreByCosine(list, embeddings, "mixed"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("others have 3")));
}

TEST(VerificationReportTest, TheTableHasEveryRow) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::string text;
  std::vector<FloatArray> embeddings;
  for (int speaker = 0; speaker < 8; ++speaker) {
    const std::vector<float> voice = {normal(random), normal(random), normal(random), normal(random)};
    for (int session = 0; session < 2; ++session) {
      FloatArray embedding = FloatArray::Zeros({4});
      for (int d = 0; d < 4; ++d) embedding.mutable_data()[d] = voice[static_cast<size_t>(d)] + normal(random);
      embeddings.push_back(embedding);
    }
  }
  const auto id = [](int i) { return "s" + std::to_string(i / 2) + "/v" + std::to_string(i % 2) + "/u.wav"; };
  for (int i = 0; i < 16; ++i) {
    for (int j = i + 1; j < 16; ++j) text += (i / 2 == j / 2 ? "1 " : "0 ") + id(i) + " " + id(j) + "\n";
  }
  const TrialList list = List(text);
  ASSERT_OK_AND_ASSIGN(const ScoredTrials scored, ScoreByCosine(list, embeddings, "random voices"));
  ScoreReport report;
  report.set_trials("made up");
  report.set_verdict("none");
  ASSERT_OK_AND_ASSIGN(*report.mutable_system(), MeasureSystem(list, scored, 200, 1));
  EXPECT_EQ(report.system().speakers(), 8);
  EXPECT_LE(report.system().eer_interval().low(), report.system().eer());
  EXPECT_GE(report.system().eer_interval().high(), report.system().eer());
  for (const char* row :
       {"random voices\n", "\nPairs ", "\nPositive pairs ", "\nScore range ", "\nMean positive ", "\nMean negative ",
        "\nEER ", "interval over 8 speakers", "\nminDCF(0.01) ", "\nminDCF(0.05) ", "\nVerdict "}) {
    EXPECT_THAT(FormatScoreTable(report), HasSubstr(row));
  }
  EXPECT_THAT(FormatScoreTable(report), Not(HasSubstr("Left out")));
  EXPECT_THAT(FormatScoreTable(report), Not(HasSubstr("same mean")));
  // Beside others: a row each, the floor at the end.
  *report.add_other() = report.system();
  report.mutable_other(0)->set_name("another system");
  report.mutable_other(0)->set_eer(0.125);
  *report.mutable_floor() = report.system();
  report.mutable_floor()->set_name("low");
  report.mutable_floor()->clear_eer_interval();
  const std::string table = FormatScoreTable(report);
  EXPECT_THAT(table, ContainsRegex("same mean.*\n.* random voices\n +12\\.50 .* another system\n.* floor: low$"));
  ASSERT_OK_AND_ASSIGN(const std::string svg,
                       DrawScores(list, report, scored, {{"system_2", &scored}, {kFloorColumn, &scored}}));
  EXPECT_THAT(svg, HasSubstr("random voices"));
  EXPECT_THAT(svg, HasSubstr("floor: random voices"));
}

}  // namespace
}  // namespace diarflow
