#include "graph/runtime.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/node_runner.h"
#include "graph/overrides.h"
#include "graph/run_text.h"
#include "graph/test_nodes.h"
#include "graph/test_nodes.pb.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(RuntimeTest, RunsAChainInOrder) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 200 }
                           }
                         }
                         node {
                           type: "Add"
                           input: "a"
                           output: "b"
                           options {
                             [diarflow/Add] { amount: 5 }
                           }
                         }
                         node { type: "ToList" input: "b" }
                         run { threads: 4 }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 0);
  ASSERT_THAT(LastList(), SizeIs(200));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(LastList()[i], i + 5);
  EXPECT_EQ(report.items(), 200);
  EXPECT_THAT(report.summary(), ElementsAre("collected 200"));
  options::Count published;
  ASSERT_THAT(report.result(), SizeIs(1));
  EXPECT_TRUE(report.result(0).UnpackTo(&published));
  EXPECT_EQ(published.count(), 200);
  EXPECT_EQ(report.node(1).items(), 200);
  EXPECT_EQ(report.node(1).media_seconds(), 100);
}

// A diamond of joins and batches, with failures on the way, at every number of threads and tokens that is allowed.
std::string Diamond(int threads, int tokens) {
  return absl::StrCat(R"pb(
                        node {
                          type: "Count"
                          output: "a"
                          options {
                            [diarflow/Count] { count: 203 fail_at: 7 }
                          }
                        }
                        node {
                          name: "left"
                          type: "Add"
                          input: "a"
                          output: "b"
                          options {
                            [diarflow/Add] { fail_multiples_of: 50 }
                          }
                        }
                        node {
                          name: "batch4"
                          type: "Pairwise"
                          input: "b"
                          output: "c"
                          batch { size: 4 }
                        }
                        node {
                          name: "right"
                          type: "Pairwise"
                          input: "a"
                          output: "d"
                          batch { size: 3 }
                        }
                        node { type: "Sum2" input: "A:c" input: "B:d" input: "C:a" output: "SUM:e" }
                        node { type: "ToList" input: "e" })pb",
                      " run { threads: ", threads, " max_in_flight: ", tokens, " }");
}

TEST(RuntimeTest, ResultsDoNotDependOnThreadsOrTokens) {
  ASSERT_OK_AND_ASSIGN(const RunReport first, RunText(Diamond(1, 6)));
  const std::vector<int> list = LastList();
  std::vector<std::string> batches = LastBatches();
  std::sort(batches.begin(), batches.end());
  // 7 fails in the source, 0 50 100 150 200 in "left"; 12 + 1 and 13 are unlucky in the batches.
  EXPECT_EQ(first.items(), 203);
  EXPECT_EQ(first.items_failed(), 8);
  EXPECT_THAT(list, SizeIs(195));
  EXPECT_EQ(ExitCode(first), 3);
  for (const int threads : {1, 2, 5}) {
    for (const int tokens : {6, 7, 64}) {
      ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(Diamond(threads, tokens)));
      EXPECT_EQ(LastList(), list) << threads << " threads, " << tokens << " tokens";
      std::vector<std::string> others = LastBatches();
      std::sort(others.begin(), others.end());
      EXPECT_EQ(others, batches);
      EXPECT_EQ(report.items_failed(), 8);
      ASSERT_EQ(report.failure_size(), first.failure_size());
      for (int i = 0; i < report.failure_size(); ++i) {
        EXPECT_EQ(WithoutTime(report.failure(i)), WithoutTime(first.failure(i)));
      }
      EXPECT_LE(report.peak_in_flight(), tokens);
    }
  }
}

TEST(RuntimeTest, FailedItemsKeepTheirSeatInABatch) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 10 fail_at: 1 }
                           }
                         }
                         node {
                           type: "Pairwise"
                           input: "a"
                           output: "b"
                           batch { size: 4 }
                         }
                         node { type: "ToList" input: "b" }
                         run { threads: 2 max_in_flight: 4 }
                       )pb"));
  std::sort(LastBatches().begin(), LastBatches().end());
  EXPECT_THAT(LastBatches(), ElementsAre("0,2,3", "4,5,6,7", "8,9"));
  EXPECT_THAT(LastList(), ElementsAre(0, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(RuntimeTest, OneBadItemDoesNotCostItsBatch) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 16 }
                           }
                         }
                         node {
                           type: "Pairwise"
                           input: "a"
                           output: "b"
                           batch { size: 8 }
                         }
                         node { type: "ToList" input: "b" }
                       )pb"));
  EXPECT_THAT(LastList(), SizeIs(15));
  ASSERT_EQ(report.failure_size(), 1);
  EXPECT_EQ(report.failure(0).item(), "n13");
  EXPECT_EQ(report.failure(0).node(), "Pairwise");
  EXPECT_EQ(report.failure(0).message(), "unlucky");
}

TEST(RuntimeTest, ExceptionsBecomeFailures) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node { type: "Count" output: "a" }
                         node {
                           type: "Add"
                           input: "a"
                           output: "b"
                           options {
                             [diarflow/Add] { fail_multiples_of: 4 throw_instead: true }
                           }
                         }
                         node { type: "ToList" input: "b" }
                       )pb"));
  EXPECT_EQ(report.items_failed(), 3);
  EXPECT_EQ(report.failure(0).message(), "thrown");
  EXPECT_EQ(report.failure(0).code(), "INTERNAL");
}

TEST(RuntimeTest, FailRunEndsTheRunWithTheError) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 100000 }
                           }
                         }
                         node {
                           type: "Add"
                           input: "a"
                           output: "b"
                           on_error: FAIL_RUN
                           options {
                             [diarflow/Add] { amount: 1 fail_multiples_of: 1000 }
                           }
                         }
                         node { type: "ToList" input: "b" }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 1);
  EXPECT_THAT(report.error(), HasSubstr("test.textproto:9: node \"Add\", item \"n0\": it divides"));
  EXPECT_LT(report.items(), 100000);
}

TEST(RuntimeTest, TooManyFailuresEndTheRun) {
  const std::string nodes = R"pb(
    node {
      type: "Count"
      output: "a"
      options {
        [diarflow/Count] { count: 1000 }
      }
    }
    node {
      type: "Add"
      input: "a"
      output: "b"
      options {
        [diarflow/Add] { fail_multiples_of: 10 }
      }
    }
    node { type: "ToList" input: "b" })pb";
  ASSERT_OK_AND_ASSIGN(const RunReport few, RunText(nodes + "run { max_failed_items: 100 max_failed_fraction: 0.1 }"));
  EXPECT_EQ(ExitCode(few), 3);
  ASSERT_OK_AND_ASSIGN(const RunReport many, RunText(nodes + "run { max_failed_items: 5 }"));
  EXPECT_EQ(ExitCode(many), 1);
  EXPECT_THAT(many.error(), HasSubstr("more than 5 items failed"));
  ASSERT_OK_AND_ASSIGN(const RunReport share, RunText(nodes + "run { max_failed_fraction: 0.05 }"));
  EXPECT_EQ(ExitCode(share), 1);
  EXPECT_THAT(share.error(), HasSubstr("100 of 1000 items failed"));
}

TEST(RuntimeTest, ABrokenSourceEndsTheRun) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { break_at: 4 }
                           }
                         }
                         node { type: "ToList" input: "a" }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 1);
  EXPECT_THAT(report.error(), HasSubstr("node \"Count\": the list is torn"));
}

TEST(RuntimeTest, AnUnsetOutputIsTheNodesFailure) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node { type: "Count" output: "a" }
                         node { type: "Forgetful" input: "a" output: "b" }
                         node { type: "ToList" input: "b" }
                       )pb"));
  EXPECT_EQ(report.items_failed(), 10);
  EXPECT_THAT(report.failure(0).message(), HasSubstr("left its output NUMBER unset"));
}

TEST(RuntimeTest, ACollectFeedsWhatComesAfterIt) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node { type: "Count" output: "a" }
                         node { type: "ToList" input: "a" output: "list" }
                         node { type: "ListLength" input: "list" }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 0);
  EXPECT_EQ(LastList().back(), -10);
}

TEST(RuntimeTest, AnEmptySourceStillFinishes) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 0 }
                           }
                         }
                         node { type: "Pairwise" input: "a" output: "b" }
                         node { type: "ToList" input: "b" }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 0);
  EXPECT_THAT(report.summary(), ElementsAre("collected 0"));
}

TEST(RuntimeTest, ResourcesAreLoadedAndHandedToNodes) {
  const std::string text = R"pb(
    resource {
      name: "ten"
      type: "Offset"
      options {
        [diarflow/Offset] { offset: 10 }
      }
    }
    node {
      type: "Count"
      output: "a"
      options {
        [diarflow/Count] { count: 2 }
      }
    }
    node { type: "Add" input: "a" output: "b" resource: "OFFSET:ten" }
    node { type: "ToList" input: "b" })pb";
  ASSERT_OK(RunText(text));
  EXPECT_THAT(LastList(), ElementsAre(11, 12));
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(text, "test.textproto"));
  ASSERT_OK(SetField("ten.offset", "0", pipeline));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  EXPECT_THAT(RunPlan(plan, {}), StatusIs(absl::StatusCode::kNotFound,
                                          HasSubstr("test.textproto:2: resource \"ten\": offset 0 cannot be found")));
}

TEST(RuntimeTest, ReportsProgress) {
  RunOptions options;
  std::vector<Progress> seen;
  options.progress = [&seen](const Progress& progress) { seen.push_back(progress); };
  ASSERT_OK(RunText(R"pb(
                      node {
                        type: "Count"
                        output: "a"
                        options {
                          [diarflow/Count] { count: 1000 }
                        }
                      }
                      node { type: "ToList" input: "a" }
                      run { progress_seconds: 0.00001 }
                    )pb",
                    options));
  ASSERT_GT(seen.size(), 1u);
  EXPECT_EQ(seen.back().items_done, 1000);
  EXPECT_EQ(seen.back().items_total, 1000);
  EXPECT_EQ(seen.back().in_flight, 0);
}

TEST(RuntimeTest, TheTableNamesEveryNode) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node { type: "Count" output: "a" }
                         node { name: "plus_one" type: "Add" input: "a" output: "b" }
                         node { type: "ToList" input: "b" }
                       )pb"));
  EXPECT_THAT(NodeTable(report), HasSubstr("plus_one"));
  EXPECT_THAT(NodeTable(report), HasSubstr("x real time"));
}

TEST(NodeRunnerTest, RunsOneNode) {
  NodeRunner runner(R"pb(type: "Sum2")pb");
  runner.Push("A", Number{1});
  runner.Push("B", Number{10});
  runner.PushError("A", absl::DataLossError("gone"));
  runner.Push("B", Number{20});
  runner.Push("A", Number{3});
  runner.Push("B", Number{30});
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.Output<Number>("SUM", 0)->value, 11);
  EXPECT_EQ(runner.Output<Number>("SUM", 1), nullptr);
  EXPECT_EQ(runner.Output<Number>("SUM", 2)->value, 33);
  EXPECT_EQ(runner.report().items_failed(), 1);
}

TEST(NodeRunnerTest, BringsResources) {
  NodeRunner runner(R"pb(type: "Add")pb");
  auto offset = std::make_shared<OffsetResource>();
  offset->offset = 1000;
  runner.SetResource("OFFSET", std::shared_ptr<const OffsetResource>(offset));
  runner.Push("NUMBER", Number{1});
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.Output<Number>("NUMBER", 0)->value, 1002);
}

}  // namespace
}  // namespace diarflow
