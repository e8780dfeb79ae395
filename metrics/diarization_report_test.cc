#include "metrics/diarization_report.h"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der_floors.h"
#include "metrics/random_turns.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kLength = 300 * kMicrosecondsPerSecond;

// Six recordings of two systems, the second worse.
DiarizationReportInput RandomInput() {
  std::mt19937_64 random(3);
  DiarizationReportInput input;
  input.systems = {{"good", {}}, {"bad", {}}};
  input.regions.emplace();
  for (int i = 0; i < 6; ++i) {
    const std::string uri = absl::StrCat("session", i);
    input.references.push_back(RandomConversation(uri, kLength, &random));
    input.systems[0].recordings.push_back(RandomHypothesis(input.references.back(), 50000, &random));
    input.systems[1].recordings.push_back(RandomHypothesis(input.references.back(), 2000000, &random));
    input.regions->push_back({uri, {{0, kLength}}});
  }
  return input;
}

TEST(DiarizationReportTest, SaysWhatTheScorersSay) {
  const DiarizationReportInput input = RandomInput();
  for (const DerConvention convention : {DerConvention::kPyannote, DerConvention::kMdEval}) {
    DiarizationReportOptions options;
    options.der = {convention, 250000, true};
    ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input, options));
    ASSERT_EQ(report.systems.size(), 2u);
    for (size_t s = 0; s < 2; ++s) {
      DerComponents pooled;
      JerSum jer;
      JerOptions jer_options;
      if (convention == DerConvention::kMdEval) jer_options.convention = JerConvention::kDscore;
      for (size_t i = 0; i < input.references.size(); ++i) {
        const Recording& reference = input.references[i];
        const Recording& hypothesis = input.systems[s].recordings[i];
        const std::vector<TimeSpan> region = {{0, kLength}};
        ASSERT_OK_AND_ASSIGN(const FileDer der, ScoreDer(reference, hypothesis, region, options.der));
        ASSERT_OK_AND_ASSIGN(const FileJer file_jer, ScoreJer(reference, hypothesis, region, jer_options));
        EXPECT_EQ(report.systems[s].files[i].der.components, der.components);
        EXPECT_EQ(report.systems[s].files[i].der.mapping, der.mapping);
        EXPECT_EQ(report.systems[s].files[i].jer.rate, file_jer.rate);
        pooled += der.components;
        jer += file_jer.sum;
      }
      EXPECT_EQ(report.systems[s].pooled, pooled);
      EXPECT_DOUBLE_EQ(report.systems[s].jer.rate(), jer.rate());
      ASSERT_TRUE(report.systems[s].interval.has_value());
      EXPECT_DOUBLE_EQ(report.systems[s].interval->rate, pooled.rate());
      EXPECT_LT(report.systems[s].interval->interval.low, pooled.rate());
      EXPECT_GT(report.systems[s].interval->interval.high, pooled.rate());
      EXPECT_EQ(report.systems[s].interval->num_groups, 6);
    }
    ASSERT_EQ(report.comparisons.size(), 1u);
    EXPECT_EQ(report.comparisons[0].other, "bad");
    ASSERT_TRUE(report.comparisons[0].difference.has_value());
    EXPECT_DOUBLE_EQ(report.comparisons[0].difference->difference,
                     report.systems[0].pooled.rate() - report.systems[1].pooled.rate());
    EXPECT_EQ(report.comparisons[0].difference->share_a_better, 1);
  }
}

TEST(DiarizationReportTest, TrivialSystemsAreScoredTheSameWay) {
  const DiarizationReportInput input = RandomInput();
  DiarizationReportOptions options;
  options.der.collar = 100000;
  options.random_draws = 20;
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input, options));
  EXPECT_EQ(report.trivial.num_random_speakers, 4);
  DerComponents one;
  DerComponents oracle;
  for (const Recording& reference : input.references) {
    ASSERT_OK_AND_ASSIGN(const FileDer one_file, ScoreDer(reference, OneSpeakerHypothesis(reference),
                                                          std::vector<TimeSpan>{{0, kLength}}, options.der));
    ASSERT_OK_AND_ASSIGN(const FileDer oracle_file, ScoreDer(reference, OracleWithoutOverlap(reference),
                                                             std::vector<TimeSpan>{{0, kLength}}, options.der));
    one += one_file.components;
    oracle += oracle_file.components;
  }
  EXPECT_EQ(report.trivial.one_speaker, one);
  EXPECT_EQ(report.trivial.oracle_without_overlap, oracle);
  EXPECT_EQ(report.trivial.random_speakers.total, 20 * one.total);
  // Of four labels at random, mapped after the fact, about 3 in 4 are wrong at most.
  EXPECT_LT(report.trivial.random_speakers.rate(), 0.8);
  EXPECT_GT(report.trivial.random_speakers.rate(), oracle.rate());
  options.random_speakers = 1;
  ASSERT_OK_AND_ASSIGN(const DiarizationReport alone, MakeDiarizationReport(input, options));
  EXPECT_DOUBLE_EQ(alone.trivial.random_speakers.rate(), one.rate());
}

TEST(DiarizationReportTest, GroupsAreDrawnTogether) {
  DiarizationReportInput input = RandomInput();
  for (int i = 0; i < 6; ++i) input.groups[absl::StrCat("session", i)] = i < 3 ? "G" : "H";
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  EXPECT_TRUE(report.has_groups);
  EXPECT_EQ(report.systems[0].interval->num_groups, 2);
  EXPECT_EQ(report.comparisons[0].difference->num_groups, 2);
  EXPECT_EQ(report.groups[4], "H");
  for (auto& [uri, group] : input.groups) group = "one";
  ASSERT_OK_AND_ASSIGN(const DiarizationReport single, MakeDiarizationReport(input));
  EXPECT_FALSE(single.systems[0].interval.has_value());
  EXPECT_FALSE(single.comparisons[0].difference.has_value());
  input.groups.erase("session2");
  EXPECT_THAT(MakeDiarizationReport(input),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"session2\" is in no group; did you mean")));
}

TEST(DiarizationReportTest, MissingAndSilentRecordings) {
  DiarizationReportInput input;
  input.references = {{"a", {{0, 10, "A"}}}, {"b", {{0, 10, "A"}}}};
  input.systems = {{"s", {{"a", {{0, 10, "x"}}}, {"quiet", {{2, 3, "x"}}}}}};
  input.regions = {{"a", {{0, 20}}}, {"b", {{0, 20}}}, {"quiet", {{0, 20}}}, {"elsewhere", {{0, 20}}}};
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  EXPECT_THAT(report.uris, ElementsAre("a", "b", "quiet"));
  EXPECT_THAT(report.left_out, ElementsAre("elsewhere"));
  EXPECT_THAT(report.systems[0].MissingRecordings(), ElementsAre("b"));
  EXPECT_EQ(report.systems[0].pooled, (DerComponents{20, 10, 3, 0}));
  EXPECT_EQ(report.trivial.num_random_speakers, 1);
}

TEST(DiarizationReportTest, OneRecordingHasNoInterval) {
  DiarizationReportInput input;
  input.references = {{"a", {{0, 10, "A"}}}};
  input.systems = {{"s", {{"a", {{0, 5, "x"}}}}}, {"t", {{"a", {{0, 10, "x"}}}}}};
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  EXPECT_DOUBLE_EQ(report.systems[0].pooled.rate(), 0.5);
  EXPECT_FALSE(report.systems[0].interval.has_value());
  EXPECT_FALSE(report.has_regions);
  // Silence alone is scored, too.
  input.references = {};
  input.regions = {{"a", {{0, 10}}}, {"b", {{0, 10}}}};
  ASSERT_OK_AND_ASSIGN(const DiarizationReport silence, MakeDiarizationReport(input));
  EXPECT_EQ(silence.systems[0].pooled, (DerComponents{0, 0, 5, 0}));
  EXPECT_FALSE(silence.systems[0].interval.has_value());
}

TEST(DiarizationReportTest, ErrorsSayWhatIsWrong) {
  DiarizationReportInput input;
  EXPECT_THAT(MakeDiarizationReport(input),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no system to score")));
  input.systems = {{"first", {}}};
  EXPECT_THAT(MakeDiarizationReport(input),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nothing to score")));
  input.references = {{"meeting", {{0, 10, "A"}}}};
  input.systems.push_back({"second", {{"meetign", {{0, 10, "A"}}}}});
  EXPECT_THAT(MakeDiarizationReport(input),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("second: "), HasSubstr("mean \"meeting\"?"))));
  input.systems.pop_back();
  EXPECT_OK(MakeDiarizationReport(input));
  DiarizationReportOptions options;
  options.random_speakers = -1;
  EXPECT_THAT(MakeDiarizationReport(input, options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1 random speakers")));
  options = {};
  options.der.collar = -1;
  EXPECT_THAT(MakeDiarizationReport(input, options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("collar")));
}

}  // namespace
}  // namespace diarflow
