// What once broke around parts of items, streams, collectors and interruption: a test for each.
#include <atomic>
#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "graph/registry.h"
#include "graph/run_text.h"
#include "graph/runtime.h"
#include "graph/test_nodes.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Count(const std::string& options) {
  return absl::StrCat("node { type: \"Count\" output: \"a\" options { [diarflow/Count] { ", options, " } } } ");
}
constexpr char kFlushingTotal[] =
    "node { type: \"Total\" input: \"a\" output: \"t\" options { [diarflow/Total] { flush: true } } } ";
constexpr char kToList[] = "node { type: \"ToList\" input: \"b\" } ";

TEST(PartsRegressionTest, AnItemSkippedBeforeAnExpandStaysSkipped) {
  ASSERT_OK(RunText(Count("count: 7") +
                    "node { type: \"Drop\" input: \"a\" output: \"d\" } "
                    "node { type: \"Split\" input: \"d\" output: \"p\" } "
                    "node { type: \"SumUp\" input: \"p\" output: \"b\" } " +
                    kToList));
  // 0, 3 and 6 are dropped; 4 has no parts, and its sum is 0.
  EXPECT_THAT(LastList(), ElementsAre(10, 641, 0, 50));
}

TEST(PartsRegressionTest, AnEmptySeatIsNoPartOfAnOuterItem) {
  ASSERT_OK(RunText(
      Count("count: 3") +
      "node { type: \"Split\" input: \"a\" output: \"p\" } "
      "node { name: \"inner\" type: \"Split\" input: \"p\" output: \"q\" options { [diarflow/Split] { modulo: 3 } } } "
      "node { name: \"inner_sum\" type: \"SumUp\" input: \"q\" output: \"s\" } "
      "node { name: \"outer_sum\" type: \"SumUp\" input: \"s\" output: \"b\" } " +
      kToList));
  EXPECT_THAT(LastList(), ElementsAre(0, 100, 198431));
}

TEST(PartsRegressionTest, WhatAStreamFlushesAtTheEndOfTheRunGoesThroughEveryKind) {
  for (const char* kind :
       {"node { type: \"Add\" input: \"t\" output: \"b\" options { [diarflow/Add] { amount: 0 } } } ",
        "node { type: \"Pairwise\" input: \"t\" output: \"b\" batch { size: 4 } } "}) {
    ASSERT_OK(RunText(Count("count: 5") + kFlushingTotal + kind + kToList));
    EXPECT_THAT(LastList(), ElementsAre(0, 1, 3, 6, 10, -10)) << kind;
  }
}

TEST(PartsRegressionTest, AFailedItemDoesNotStopAStreamOverTheRun) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(Count("count: 10 fail_at: 3") + kFlushingTotal +
                                                       "node { type: \"ToList\" input: \"t\" } "));
  EXPECT_THAT(LastList(), ElementsAre(0, 1, 3, 7, 12, 18, 25, 33, 42, -42));
  EXPECT_EQ(report.items_failed(), 1);
}

std::string FlushingTotal(const std::string& from, const std::string& to, bool flush = true) {
  return absl::StrCat("node { name: \"", to, "\" type: \"Total\" input: \"", from, "\" output: \"", to,
                      "\" options { [diarflow/Total] { flush: ", flush, " } } } ");
}

TEST(PartsRegressionTest, StreamsInARowEachHaveASeatForTheirTail) {
  ASSERT_OK(RunText(Count("count: 3") + FlushingTotal("a", "t") + FlushingTotal("t", "u") + FlushingTotal("u", "b") +
                    kToList));
  // Totals of 0 1 2, of those, of those; each with its own tail, which the next one sums up too.
  // t: 0 1 3 | -3; u: 0 1 4 1 | -1; b: 0 1 5 6 5 | -5.
  EXPECT_THAT(LastList(), ElementsAre(0, 1, 5, 6, 5, -5));
  // The one in the middle has nothing left.
  ASSERT_OK(RunText(Count("count: 3") + FlushingTotal("a", "t") + FlushingTotal("t", "u", false) +
                    FlushingTotal("u", "b") + kToList));
  EXPECT_THAT(LastList(), ElementsAre(0, 1, 5, 6, -6));
  // In the parts of items, of which each has a state and tails of its own: 10; 20 21.
  ASSERT_OK(RunText(Count("count: 3") + "node { type: \"Split\" input: \"a\" output: \"p\" } " +
                    FlushingTotal("p", "t") + FlushingTotal("t", "u") +
                    "node { type: \"SumUp\" input: \"u\" output: \"b\" } " + kToList));
  const auto sum_up = [](std::initializer_list<int> parts) {
    int sum = 0;
    for (const int part : parts) sum = (31 * sum + part) % 1000003;
    return sum;
  };
  EXPECT_THAT(LastList(), ElementsAre(0, sum_up({10, 0, 0}), sum_up({20, 61, 20, -20})));
}

TEST(PartsRegressionTest, ATailWithoutACounterpartIsAFailureNotALoss) {
  ASSERT_OK_AND_ASSIGN(const RunReport report,
                       RunText(Count("count: 3") + FlushingTotal("a", "t") + FlushingTotal("a", "u", false) +
                               "node { type: \"Sum2\" input: \"A:t\" input: \"B:u\" output: \"b\" } " + kToList));
  ASSERT_EQ(report.failure_size(), 1);
  EXPECT_THAT(report.failure(0).message(), HasSubstr("equally many Streams must flush"));
}

std::atomic<int> interrupts{0};

class InterruptNode : public MapNode {
 public:
  static constexpr In<NumberList> kIn{"LIST"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Interrupts.").Input(kIn); }
  absl::Status Process(ItemContext& item) const override {
    interrupts = 1;
    return absl::OkStatus();
  }
};
DIARFLOW_REGISTER_NODE("Interrupt", InterruptNode);

TEST(PartsRegressionTest, AnInterruptBehindTheLastItemChangesNothing) {
  interrupts = 0;
  RunOptions options;
  options.interrupts = &interrupts;
  ASSERT_OK_AND_ASSIGN(const RunReport report,
                       RunText(Count("count: 5") + "node { type: \"ToList\" input: \"a\" output: \"l\" } "
                                                   "node { type: \"Interrupt\" input: \"l\" } ",
                               options));
  EXPECT_EQ(interrupts, 1);
  EXPECT_EQ(ExitCode(report), 0);
}

class NoBeginNode : public CollectNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static std::atomic<int> adds;
  static void Contract(ContractBuilder& contract) { contract.Summary("Cannot begin.").Input(kIn); }
  absl::Status Begin() override { return absl::InternalError("no begin"); }
  absl::Status Add(ItemContext& part) override {
    ++adds;
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext& context) override { return absl::OkStatus(); }
};
std::atomic<int> NoBeginNode::adds{0};
DIARFLOW_REGISTER_NODE("NoBegin", NoBeginNode);

TEST(PartsRegressionTest, NothingIsAddedToACollectThatCouldNotBegin) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(Count("count: 5") + "node { type: \"NoBegin\" input: \"a\" } "));
  EXPECT_EQ(ExitCode(report), 1);
  EXPECT_THAT(report.error(), HasSubstr("no begin"));
  EXPECT_EQ(NoBeginNode::adds, 0);
}

TEST(PartsRegressionTest, NodeRunnerRunsAnExpand) {
  NodeRunner runner(R"pb(type: "Split")pb");
  runner.Push("NUMBER", Number{2});
  runner.Push("NUMBER", Number{3});
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.Output<Number>("PART", 1)->value, 21);
  // By the items that they come from.
  ASSERT_EQ(runner.Parts<Number>("PART", 0).size(), 2u);
  ASSERT_EQ(runner.Parts<Number>("PART", 1).size(), 3u);
  EXPECT_EQ(runner.Parts<Number>("PART", 1)[2]->value, 32);
  EXPECT_TRUE(runner.Parts<Number>("PART", 2).empty());
}

class TalkerNode : public CollectNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Talks.").Input(kIn).Output(kOut); }
  absl::Status Add(ItemContext& part) override { return absl::OkStatus(); }
  absl::Status Finish(FinishContext& context) override {
    context.Say("a text that is long enough to lie on the heap");
    context.Set(kOut, Number{1});
    return absl::OkStatus();
  }
};
DIARFLOW_REGISTER_NODE("Talker", TalkerNode);

TEST(PartsRegressionTest, CollectsSideBySideMaySpeakAtTheSameTime) {
  std::string text = Count("count: 5000");
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&text, "node { name: \"S", i, "\" type: \"Split\" input: \"a\" output: \"p", i,
                    "\" options { [diarflow/Split] { modulo: 1 } } } node { name: \"T", i,
                    "\" type: \"Talker\" input: \"p", i, "\" output: \"o", i, "\" } ");
  }
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(text + "run { threads: 4 max_in_flight: 64 }"));
  EXPECT_EQ(report.summary_size(), 20000);
}

class NoCountNode : public SourceNode {
 public:
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Cannot count.").Output(kOut); }
  absl::StatusOr<bool> Next(SourceContext& item) override { return false; }
  int64_t ItemCount() const override { throw std::runtime_error("no count"); }
};
DIARFLOW_REGISTER_NODE("NoCount", NoCountNode);

TEST(PartsRegressionTest, AnExceptionOfItemCountIsAStatus) {
  EXPECT_THAT(RunText("node { type: \"NoCount\" output: \"b\" } " + std::string(kToList)),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no count")));
}

}  // namespace
}  // namespace diarflow
