#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "base/status_matchers.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "gtest/gtest.h"

ABSL_FLAG(std::string, test_out, "", "A flag of the program.");
ABSL_FLAG(bool, test_fast, false, "A switch of the program.");

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Pipeline TestPipeline() {
  auto pipeline = Pipeline::Parse(
      "param { name: \"weights\" target: \"run.threads\" } param { name: \"list\" target: \"run.threads\" }",
      "p.textproto");
  EXPECT_OK(pipeline);
  return *std::move(pipeline);
}

TEST(ArgumentsTest, TakesOutWhatThePipelineDeclares) {
  ASSERT_OK_AND_ASSIGN(const Arguments split, SplitArguments({"main", "p.textproto", "--weights=a=b", "--test_out", "x",
                                                              "-list", "y", "--set=n.f=1", "--set", "m.f=a,b",
                                                              "--notest_fast", "--list=x", "--", "--weights=c"},
                                                             TestPipeline()));
  EXPECT_THAT(split.params, ElementsAre(Pair("list", "y"), Pair("list", "x"), Pair("weights", "a=b")));
  EXPECT_THAT(split.assignments, ElementsAre("n.f=1", "m.f=a,b"));
  EXPECT_THAT(split.rest, ElementsAre("main", "p.textproto", "--test_out", "x", "--notest_fast", "--", "--weights=c"));
}

TEST(ArgumentsTest, NamesTheNearestFlag) {
  EXPECT_THAT(SplitArguments({"main", "--wieghts=a"}, TestPipeline()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no flag --wieghts; did you mean \"weights\"?")));
  EXPECT_THAT(SplitArguments({"main", "--test_uot=a"}, TestPipeline()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean \"test_out\"?")));
  EXPECT_THAT(SplitArguments({"main", "--weights"}, TestPipeline()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--weights needs a value")));
}

TEST(ArgumentsTest, SetsTheProgramsFlags) {
  EXPECT_THAT(SetProgramFlags({"main", "p", "--test_out", "x", "--notest_fast", "q", "--", "--r"}),
              IsOkAndHolds(ElementsAre("p", "q", "--r")));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_out), "x");
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_fast));
  EXPECT_OK(SetProgramFlags({"main", "--test_fast", "--test_out="}));
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_fast));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_out), "");
  EXPECT_THAT(SetProgramFlags({"main", "--test_fast=maybe"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--test_fast=maybe")));
  EXPECT_THAT(SetProgramFlags({"main", "--test_out"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--test_out needs a value")));
}

TEST(ArgumentsTest, NoticesTheCallForHelp) {
  EXPECT_TRUE(SplitArguments({"main", "--help"}, TestPipeline())->help);
  EXPECT_TRUE(SplitArguments({"main", "-h"}, TestPipeline())->help);
  EXPECT_FALSE(SplitArguments({"main"}, TestPipeline())->help);
}

TEST(ProgressTest, SaysRateAndTimeLeft) {
  EXPECT_EQ(ProgressLine({0, 2, 1, .5, 10}), "0 of 2 items, 25 %, 30 s left");
  EXPECT_EQ(ProgressLine({100, 350, 4, 100, 10}), "100 of 350 items, 10.0 items/s, 25 s left");
  EXPECT_EQ(ProgressLine({350, 350, 0, 350, 35}), "350 of 350 items, 10.0 items/s, 35 s");
  EXPECT_EQ(ProgressLine({7, -1, 4, 7, 2}), "7 items, 3.5 items/s");
  EXPECT_EQ(ProgressLine({0, 350, 4, 0, 1}), "0 of 350 items, 0.0 items/s");
}

TEST(ProgressTest, WritesDurations) {
  EXPECT_EQ(Duration(0.44), "0.4 s");
  EXPECT_EQ(Duration(9.97), "10 s");
  EXPECT_EQ(Duration(59.4), "59 s");
  EXPECT_EQ(Duration(185), "3 min 05 s");
  EXPECT_EQ(Duration(7470), "2 h 04 min");
}

}  // namespace
}  // namespace diarflow
