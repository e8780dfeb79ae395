// The examples of docs/pipelines.md are true: its pipeline runs, and the node that it shows (built from the page by
// BUILD.bazel) does what it says.
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/node_runner.h"
#include "graph/runtime.h"
#include "graph/validator.h"
#include "gtest/gtest.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Page() {
  const auto path = ResolvePath("runfiles:docs/pipelines.md");
  EXPECT_OK(path);
  const auto page = ReadFile(*path);
  EXPECT_OK(page);
  return *page;
}

// The lines of the first indented block below a heading, without their indent.
std::vector<std::string> BlockBelow(const std::string& page, const std::string& heading) {
  std::vector<std::string> block;
  bool below = false;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(page, '\n'))) {
    if (line == heading) below = true;
    const bool indented = absl::StartsWith(line, "    ");
    if (below && indented) block.emplace_back(absl::StripPrefix(line, "    "));
    if (!block.empty() && !indented) break;
  }
  return block;
}

TEST(PipelinesPageTest, ThePipelineOfTenLinesRuns) {
  const std::string page = Page();
  const std::vector<std::string> lines = BlockBelow(page, "## Ten lines");
  ASSERT_THAT(lines, Not(IsEmpty()));
  EXPECT_LE(lines.size(), 10u);
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(absl::StrJoin(lines, "\n"), "pipelines.md"));
  EXPECT_THAT(page, HasSubstr(absl::StrCat("run ", pipeline.config().name(), ".textproto")));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  EXPECT_THAT(plan.warnings, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunPlan(plan, {}));
  EXPECT_EQ(ExitCode(report), 0) << report.error();
  EXPECT_EQ(report.items(), 73);
  EXPECT_THAT(report.summary(), SizeIs(1));
  EXPECT_EQ(report.result_size(), 1);
}

TEST(PipelinesPageTest, TheSubgraphOfThePageFitsIntoThePipeline) {
  const std::string page = Page();
  std::vector<std::string> lines = BlockBelow(page, "## Ten lines");
  for (const char* heading : {"## Sub-graphs", "## Switching parts off"}) {
    const std::vector<std::string> block = BlockBelow(page, heading);
    ASSERT_THAT(block, Not(IsEmpty())) << heading;
    lines.insert(lines.end(), block.begin(), block.end());
  }
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(absl::StrJoin(lines, "\n"), "pipelines.md"));
  EXPECT_OK(Validate(pipeline));
}

TEST(PipelinesPageTest, TheNodeOfThePageScalesAudio) {
  NodeRunner runner(R"pb(type: "Gain"
                         options {
                           [diarflow/Gain] { decibels: 6 }
                         })pb");
  runner.Push("AUDIO", Audio{FloatArray::Copy({3}, {0.25f, -0.5f, 0}), 16000, 7});
  ASSERT_OK(runner.Run());
  const Audio* louder = runner.Output<Audio>("AUDIO", 0);
  ASSERT_NE(louder, nullptr);
  const double factor = std::pow(10, 0.3);
  EXPECT_NEAR(louder->samples[0], 0.25 * factor, 1e-6);
  EXPECT_NEAR(louder->samples[1], -0.5 * factor, 1e-6);
  EXPECT_EQ(louder->samples[2], 0);
  EXPECT_EQ(louder->sample_rate, 16000);
  EXPECT_EQ(louder->start_sample, 7);
}

TEST(PipelinesPageTest, ThePageSaysHowTheNodeIsBuilt) {
  EXPECT_THAT(Page(), HasSubstr("diarflow_node(name = \"gain\", deps = [\":payloads\"])"));
}

}  // namespace
}  // namespace diarflow
