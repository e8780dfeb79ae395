#include "metrics/diarization_report_text.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kSecond = kMicrosecondsPerSecond;

DiarizationReportInput TwoRecordings() {
  DiarizationReportInput input;
  input.references = {{"réunion", {{0, 4 * kSecond, "NA"}, {4 * kSecond, 4 * kSecond, "Zoë"}}},
                      {"b", {{0, 10 * kSecond, "A"}, {8 * kSecond, 10 * kSecond, "B"}}}};
  input.systems = {{"one",
                    {{"réunion", {{0, 4 * kSecond, "x"}, {4 * kSecond, 3 * kSecond, "y"}}},
                     {"b", {{0, 13 * kSecond, "s"}, {14 * kSecond, 5 * kSecond + 1, "t"}}}}},
                   {"tab\there", {}}};
  return input;
}

// The table's line that begins with `name`, as words.
std::vector<std::string> Words(const std::string& table, const std::string& name) {
  for (const absl::string_view line : absl::StrSplit(table, '\n')) {
    std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (!words.empty() && words[0] == name) return words;
  }
  return {};
}

TEST(DiarizationReportTextTest, Table) {
  DiarizationReportInput input = TwoRecordings();
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  const std::string table = DiarizationReportTable(report);
  EXPECT_THAT(Words(table, "réunion"), ElementsAre("réunion", "12.50", "12.50", "0.00", "0.00", "12.50", "8.00", "1.00",
                                                   "0.00", "0.00", "2", "/", "2"));
  // Of 20 s: missed 8-10 (one of two) and 13-14, false alarm 18-19, confused 10-13.
  EXPECT_THAT(Words(table, "b"), ElementsAre("b", "35.00", "15.00", "5.00", "15.00", "43.36", "20.00", "3.00", "1.00",
                                             "3.00", "2", "/", "2"));
  EXPECT_THAT(Words(table, "all"),
              ElementsAre("all", "2", "28.57", "14.29", "3.57", "10.71", "27.93", "28.00", "4.00", "1.00", "3.00"));
  EXPECT_THAT(table, HasSubstr("DER 28.57 %, 95 % interval 12.50 to 35.00 (1000 draws of 2 recordings)"));
  EXPECT_THAT(table, HasSubstr("one minus tab\there: -71.43 % DER"));
  EXPECT_THAT(table, HasSubstr("2 / missing"));
  EXPECT_THAT(table, HasSubstr("2 speakers at random, expected"));
  EXPECT_THAT(table, HasSubstr("convention pyannote, no collar, overlap scored"));
  EXPECT_THAT(table, HasSubstr("reference and hypothesis together (no UEM was given)"));
  // Columns line up although a name has more bytes than characters.
  const std::vector<std::string> lines = absl::StrSplit(table, '\n');
  EXPECT_EQ(lines[2].find("12.50"), lines[3].find("35.00") + 1);
}

TEST(DiarizationReportTextTest, SaysWhatWasAssumed) {
  DiarizationReportInput input = TwoRecordings();
  input.systems.pop_back();
  DiarizationReportOptions options;
  options.der = {DerConvention::kMdEval, 250000, true};
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input, options));
  const std::string table = DiarizationReportTable(report);
  EXPECT_THAT(table, HasSubstr("convention mdeval, collar +/- 0.25 s, overlap not scored"));
  EXPECT_THAT(table, HasSubstr("false alarms outside vanish"));
  input.regions = {{"réunion", {{0, 20 * kSecond}}}, {"b", {{0, 20 * kSecond}}}};
  input.groups = {{"réunion", "G"}, {"b", "G"}};
  ASSERT_OK_AND_ASSIGN(const DiarizationReport grouped, MakeDiarizationReport(input, options));
  EXPECT_THAT(DiarizationReportTable(grouped), HasSubstr("scored is what the UEM says"));
  EXPECT_THAT(DiarizationReportTable(grouped), HasSubstr("%; no interval: it needs"));
  EXPECT_EQ(ConditionText({DerConvention::kPyannote, 1, false}), "collar +/- 1e-06 s, overlap scored");
}

TEST(DiarizationReportTextTest, Tsv) {
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(TwoRecordings()));
  const std::vector<std::string> lines = absl::StrSplit(DiarizationReportTsv(report), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 5u);
  const size_t columns = std::vector<std::string>(absl::StrSplit(lines[0], '\t')).size();
  for (const std::string& line : lines) EXPECT_EQ(std::vector<std::string>(absl::StrSplit(line, '\t')).size(), columns);
  EXPECT_EQ(lines[1], "one\tréunion\t\t0.125000\t0.125000\t8.000000\t1.000000\t0.000000\t0.000000\t2\t2\t1");
  EXPECT_THAT(lines[2], HasSubstr("\t20.000000\t3.000000\t1.000001\t3.000000\t"));
  EXPECT_EQ(lines[4], "tab here\tb\t\t1.000000\t1.000000\t20.000000\t20.000000\t0.000000\t0.000000\t2\t0\t0");
}

TEST(DiarizationReportTextTest, JsonHoldsEverything) {
  DiarizationReportInput input = TwoRecordings();
  input.references.push_back({"bad\xff", {{0, kSecond, "A"}}});
  ASSERT_OK_AND_ASSIGN(const DiarizationReport report, MakeDiarizationReport(input));
  const std::string text = DiarizationReportJson(report);
  EXPECT_EQ(text, DiarizationReportJson(report));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["assumed"]["collar_each_side_s"], 0);
  EXPECT_EQ(json["assumed"]["region"], "both_extents");
  const nlohmann::json& b = json["systems"][0]["recordings"][1];
  EXPECT_EQ(b["recording"], "b");
  EXPECT_EQ(b["missed_s"], 3);
  EXPECT_EQ(b["false_alarm_s"], 1.000001);
  EXPECT_EQ(b["mapping"], nlohmann::json({"s", "t"}));
  EXPECT_EQ(b["confusion_matrix_s"], nlohmann::json({{10, 0}, {5, 4}}));
  EXPECT_EQ(b["jer_speakers"][0]["hypothesis"], "s");
  const nlohmann::json& missing = json["systems"][1]["recordings"][1];
  EXPECT_EQ(missing["has_hypothesis"], false);
  EXPECT_TRUE(missing["mapping"][0].is_null());
  EXPECT_EQ(json["systems"][1]["missing_recordings"].size(), 3u);
  EXPECT_EQ(json["systems"][0]["recordings"][2]["recording"], "bad\xef\xbf\xbd");
  // The third recording is missing from both: draws of nothing else are ties.
  EXPECT_GT(json["comparisons"][0]["share_first_better"], 0.95);
  EXPECT_EQ(json["comparisons"][0]["recordings"]["b"], 0.35000005 - 1);
  EXPECT_EQ(json["trivial_systems"]["random_speakers"], 2);
}

}  // namespace
}  // namespace diarflow
