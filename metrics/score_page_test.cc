#include "metrics/score_page.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Recording i misses `missed[i]` seconds of 10.
DiarizationReportInput Input(const std::vector<int>& missed) {
  DiarizationReportInput input;
  input.systems = {{"<system>", {}}};
  for (size_t i = 0; i < missed.size(); ++i) {
    const std::string uri = absl::StrCat("session", i);
    input.references.push_back({uri, {{0, 10 * kMicrosecondsPerSecond, "A"}}});
    input.systems[0].recordings.push_back({uri, {{0, (10 - missed[i]) * kMicrosecondsPerSecond, "x"}}});
  }
  return input;
}

TEST(ScorePageTest, WorstRecordingsComeFirst) {
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(Input({1, 5, 0, 5, 9})));
  EXPECT_THAT(WorstRecordings(report.systems[0], 3), ElementsAre(4, 1, 3));
  EXPECT_THAT(WorstRecordings(report.systems[0], 9), ElementsAre(4, 1, 3, 0, 2));
  EXPECT_THAT(WorstRecordings(report.systems[0], 0), IsEmpty());
  EXPECT_THAT(WorstRecordings(report.systems[0], -1), IsEmpty());
}

TEST(ScorePageTest, DrawsWithinTheRegionsAndWithoutAHypothesis) {
  DiarizationReportInput input = Input({1, 5, 0});
  input.regions.emplace();
  for (const Recording& reference : input.references) {
    input.regions->push_back({reference.uri, {{0, 4 * kMicrosecondsPerSecond}}});
  }
  input.systems[0].recordings.erase(input.systems[0].recordings.begin());
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  ASSERT_OK_AND_ASSIGN(const ScorePage page, MakeScorePage(input, report, 1));
  EXPECT_THAT(page.svg, AllOf(HasSubstr(">session0</text>"), HasSubstr("no hypothesis"), HasSubstr("h4v")));
}

TEST(ScorePageTest, HoldsTableAndPicture) {
  const DiarizationReportInput input = Input({1, 5, 0, 5, 9});
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  ASSERT_OK_AND_ASSIGN(const ScorePage page, MakeScorePage(input, report, 2));
  EXPECT_THAT(page.svg, AllOf(StartsWith("<svg "), HasSubstr("&lt;system&gt;: 2 of 5 recordings"),
                              HasSubstr(">session4</text>"), HasSubstr(">session1</text>"),
                              Not(HasSubstr(">session3</text>")), HasSubstr("DER of all 40.00 %")));
  EXPECT_LT(page.svg.find(">session4<"), page.svg.find(">session1<"));
  EXPECT_THAT(page.html, AllOf(StartsWith("<!doctype html>"), HasSubstr("<pre>recording  DER %"), HasSubstr("session3"),
                               HasSubstr(page.svg), EndsWith("</html>\n")));
  EXPECT_THAT(page.html, Not(HasSubstr("<script")));
  ASSERT_OK_AND_ASSIGN(const ScorePage again, MakeScorePage(input, report, 2));
  EXPECT_EQ(again.html, page.html);
}

}  // namespace
}  // namespace diarflow
