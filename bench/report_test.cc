#include "bench/report.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

BenchRow Row(const std::string& group, const std::string& name, bool ours, double ms, double real_time) {
  BenchRow row;
  row.group = group;
  row.name = name;
  row.ours = ours;
  row.ms = ms;
  row.real_time = real_time;
  return row;
}

BenchReport Example() {
  BenchReport report;
  report.title = "A < B";
  report.facts = {{"CPU", "a processor"}, {"threads", "2"}};
  report.rows = {Row("whole", "ours", true, 250, 40), Row("stream", "ours", true, 4, 20),
                 Row("whole", "peer one", false, 1000, 10), Row("whole", "peer two", false, 500, 20)};
  report.rows[0].compute_share = .625;
  BenchRow broken;
  broken.group = "whole";
  broken.name = "peer three";
  broken.problem = "it has ended, or never started";
  report.rows.push_back(broken);
  CompareWithPeers(&report);
  return report;
}

TEST(BenchReportTest, TheBestPeerOfTheGroupIsTheMeasure) {
  const BenchReport report = Example();
  EXPECT_EQ(report.rows[0].ratio, 2);
  EXPECT_EQ(report.rows[1].ratio, std::nullopt);
  EXPECT_EQ(report.rows[2].ratio, .5);
  EXPECT_EQ(report.rows[3].ratio, 1);
  EXPECT_EQ(report.rows[4].ratio, std::nullopt);
}

TEST(BenchReportTest, ARatioThatHoldsNoMoreGoes) {
  BenchReport report = Example();
  report.rows.resize(2);
  CompareWithPeers(&report);
  EXPECT_EQ(report.rows[0].ratio, std::nullopt);
}

TEST(BenchReportTest, TheTableHasTheColumnsThatAreFilled) {
  EXPECT_EQ(BenchTable(Example()),
            "A < B\n"
            "CPU      a processor\n"
            "threads  2\n"
            "\n"
            "whole          median  real time  of GEMM  to best peer\n"
            "  ours         250 ms     40.0 x   62.5 %        2.00 x\n"
            "  peer one    1000 ms     10.0 x        -       0.500 x\n"
            "  peer two     500 ms     20.0 x        -        1.00 x\n"
            "  peer three  it has ended, or never started\n"
            "\n"
            "stream   median  real time\n"
            "  ours  4.00 ms     20.0 x\n");
}

TEST(BenchReportTest, NotesStandBehindTheFigures) {
  BenchReport report = Example();
  report.rows[1].note = "as in a call";
  EXPECT_THAT(BenchTable(report), HasSubstr("20.0 x  as in a call\n"));
}

TEST(BenchReportTest, JsonHoldsWhatWasMeasured) {
  BenchReport report = Example();
  report.rows[1].ms = std::numeric_limits<double>::quiet_NaN();
  report.rows[4].problem = "bad byte \xff";
  const nlohmann::json json = nlohmann::json::parse(BenchJson(report), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["title"], "A < B");
  EXPECT_EQ(json["facts"]["threads"], "2");
  ASSERT_EQ(json["rows"].size(), 5u);
  EXPECT_EQ(json["rows"][0]["compute_share"], .625);
  EXPECT_EQ(json["rows"][0]["ratio"], 2);
  EXPECT_TRUE(json["rows"][0]["ours"]);
  EXPECT_FALSE(json["rows"][0].contains("memory_mb"));
  EXPECT_FALSE(json["rows"][1].contains("ms"));
  EXPECT_THAT(json["rows"][4]["problem"].get<std::string>(), StartsWith("bad byte"));
}

TEST(BenchReportTest, TheDrawingStandsAlone) {
  const std::string svg = BenchSvg(Example());
  EXPECT_THAT(svg, AllOf(StartsWith("<svg xmlns"), HasSubstr("<title>A &lt; B</title>"), HasSubstr("peer three"),
                         HasSubstr("never started"), HasSubstr("prefers-color-scheme: dark"), Not(HasSubstr("href"))));
  // The longest bar of a group fills the width, the others are as long as they are fast.
  EXPECT_THAT(svg, HasSubstr("width=\"530\" height=\"18\" class=\"ours\""));
  EXPECT_THAT(svg, HasSubstr("width=\"132.5\" height=\"18\" class=\"peer\""));
  EXPECT_THAT(BenchSvg(BenchReport()), StartsWith("<svg"));
}

TEST(BenchReportTest, TheDrawingShowsAllFacts) {
  BenchReport report = Example();
  report.facts.clear();
  // Of all lengths, so that lines end at every place.
  for (int i = 0; i < 80; ++i) report.facts.push_back({absl::StrCat("name ", i), std::string(1 + i * 7 % 150, 'v')});
  const std::string svg = BenchSvg(report);
  for (const auto& [name, value] : report.facts) EXPECT_THAT(svg, HasSubstr(absl::StrCat(name, ": ", value)));
}

TEST(BenchReportTest, IsWrittenIntoAFolderThatIsMissing) {
  const std::string folder = JoinPath(::testing::TempDir(), "bench_report/deep");
  ASSERT_OK(WriteBenchReport(Example(), "example", folder));
  EXPECT_THAT(ReadFile(JoinPath(folder, "example.json")), IsOkAndHolds(BenchJson(Example())));
  EXPECT_THAT(ReadFile(JoinPath(folder, "example.svg")), IsOkAndHolds(BenchSvg(Example())));
}

TEST(CpuFactsTest, NamesTheProcessorAndWhatItCan) {
  const CpuFacts facts = ParseCpuInfo(
      "processor\t: 0\nmodel name\t: A : B 9000\nflags\t\t: fpu avx2 avx512f avx512_bf16 amx_tile\n\n"
      "processor\t: 1\nmodel name\t: other\nflags\t\t: avx512_vnni\n");
  EXPECT_EQ(facts.name, "A : B 9000");
  EXPECT_EQ(facts.features, "avx2, avx512f, avx512_bf16, amx_tile");
}

TEST(CpuFactsTest, OtherTextsGiveNothing) {
  for (const char* text : {"", "words", "model name", "flags:", ":::\n:"}) {
    EXPECT_EQ(ParseCpuInfo(text).name, "") << text;
    EXPECT_EQ(ParseCpuInfo(text).features, "") << text;
  }
}

}  // namespace
}  // namespace diarflow
