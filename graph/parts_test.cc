// Expand, Stream and the Collect that closes a scope; skipped items.
#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/plan.h"
#include "graph/registry.h"
#include "graph/run_text.h"
#include "graph/runtime.h"
#include "graph/test_nodes.h"
#include "graph/trace.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(PartsTest, ACollectTakesThePartsOfEachItemBackTogether) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 6 }
                           }
                         }
                         node { type: "Split" input: "a" output: "parts" }
                         node { name: "plus" type: "Add" input: "parts" output: "b" }
                         node { type: "SumUp" input: "b" output: "sums" }
                         node { type: "Sum2" input: "A:a" input: "B:sums" output: "both" }
                         node { type: "ToList" input: "both" }
                         run { threads: 4 }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 0);
  // 0 and 4 have no parts; 2 has 20 and 21, plus one each: 31 * 21 + 22.
  EXPECT_THAT(LastList(), ElementsAre(0, 1 + 11, 2 + 31 * 21 + 22, 3 + (31 * (31 * 31 + 32) + 33), 4, 5 + 51));
  EXPECT_EQ(report.items(), 6);
}

TEST(PartsTest, AFailedPartFailsItsItemAlone) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 8 fail_at: 3 }
                           }
                         }
                         node {
                           type: "Split"
                           input: "a"
                           output: "parts"
                           options {
                             [diarflow/Split] { begin_fails_at: 5 }
                           }
                         }
                         node {
                           type: "Add"
                           input: "parts"
                           output: "b"
                           options {
                             [diarflow/Add] { amount: 0 fail_multiples_of: 61 }
                           }
                         }
                         node { type: "SumUp" input: "b" output: "sums" }
                         node { type: "ToList" input: "sums" }
                       )pb"));
  // 3 fails in the source, 5 in the Split, the part 61 in the Add.
  EXPECT_THAT(LastList(), ElementsAre(0, 10, 31 * 20 + 21, 0, 31 * (31 * 70 + 71) + 72));
  EXPECT_EQ(report.items_failed(), 3);
  ASSERT_EQ(report.failure_size(), 3);
  EXPECT_EQ(report.failure(2).item(), "n6");
  EXPECT_EQ(report.failure(2).node(), "Add");
}

TEST(PartsTest, AnItemTornInTheMiddleFails) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 8 }
                           }
                         }
                         node {
                           type: "Split"
                           input: "a"
                           output: "parts"
                           options {
                             [diarflow/Split] { fail_multiples_of: 3 }
                           }
                         }
                         node {
                           name: "seen"
                           type: "Record"
                           input: "parts"
                           options {
                             [diarflow/Record] { label: "parts" }
                           }
                         }
                         node { type: "SumUp" input: "parts" output: "sums" }
                         node { type: "ToList" input: "sums" }
                       )pb"));
  EXPECT_THAT(report.items_failed(), 2);  // 3 and 6; 0 has no second part
  EXPECT_THAT(LastList(), SizeIs(6));
  // The first part of 3 had been on its way already.
  EXPECT_EQ(Records()["parts"].count(3), 1u);
}

TEST(PartsTest, AStreamKeepsItsStateWithinAnItem) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 4 }
                           }
                         }
                         node { type: "Split" input: "a" output: "parts" }
                         node {
                           type: "Total"
                           input: "parts"
                           output: "totals"
                           options {
                             [diarflow/Total] { flush: true }
                           }
                         }
                         node {
                           name: "one_by_one"
                           type: "Record"
                           input: "totals"
                           options {
                             [diarflow/Record] { label: "totals" }
                           }
                         }
                         node { type: "SumUp" input: "totals" output: "sums" }
                         node { type: "ToList" input: "sums" }
                       )pb"));
  // Numbers in the scope: 0's end; 10, 1's end; 20 21, 2's end; 30 31 32, 3's end. A flushed part takes the end's seat.
  EXPECT_THAT(Records()["totals"], ElementsAre(Pair(0, 0), Pair(1, 10), Pair(2, -10), Pair(3, 20), Pair(4, 41),
                                               Pair(5, -41), Pair(6, 30), Pair(7, 61), Pair(8, 93), Pair(9, -93)));
  EXPECT_THAT(LastList(), ElementsAre(0, 31 * 10 - 10, 31 * (31 * 20 + 41) - 41, 31 * (31 * (31 * 30 + 61) + 93) - 93));
}

TEST(PartsTest, AStreamOverTheRunSeesEveryItem) {
  ASSERT_OK(RunText(R"pb(
    node {
      type: "Count"
      output: "a"
      options {
        [diarflow/Count] { count: 5 }
      }
    }
    node { type: "Total" input: "a" output: "b" }
    node { type: "ToList" input: "b" }
  )pb"));
  EXPECT_THAT(LastList(), ElementsAre(0, 1, 3, 6, 10));
}

TEST(PartsTest, AStreamGoesNoFurtherInAFailedItem) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 4 }
                           }
                         }
                         node { type: "Split" input: "a" output: "parts" }
                         node {
                           type: "Total"
                           input: "parts"
                           output: "b"
                           options {
                             [diarflow/Total] { fail_multiples_of: 31 }
                           }
                         }
                         node {
                           name: "seen"
                           type: "Record"
                           input: "b"
                           options {
                             [diarflow/Record] { label: "seen" }
                           }
                         }
                       )pb"));
  EXPECT_THAT(Records()["seen"], ElementsAre(Pair(1, 10), Pair(3, 20), Pair(4, 41), Pair(6, 30)));
  EXPECT_EQ(report.failure_size(), 1);
}

TEST(PartsTest, BatchesMayHoldPartsOfSeveralItems) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 5 }
                           }
                           max_in_flight: 8
                         }
                         node { type: "Split" input: "a" output: "parts" max_in_flight: 4 }
                         node {
                           type: "Pairwise"
                           input: "parts"
                           output: "b"
                           batch { size: 4 }
                         }
                         node { type: "SumUp" input: "b" output: "sums" }
                         node { type: "ToList" input: "sums" }
                         run { threads: 1 }
                       )pb"));
  // Seats: 0's end, 10, 1's end, 20 | 21, 2's end, 30, 31 | 32, 3's end, 4's end.
  EXPECT_THAT(LastBatches(), ElementsAre("10,20", "21,30,31", "32"));
  EXPECT_THAT(LastList(), SizeIs(5));
}

TEST(PartsTest, ScopesAreCheckedBeforeTheRun) {
  const auto expect = [](const std::string& text, const std::string& message) {
    EXPECT_THAT(RunText(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  const std::string split =
      "node { type: \"Count\" output: \"a\" } node { type: \"Split\" input: \"a\" output: \"p\" } ";
  expect(split + "node { type: \"Sum2\" input: \"A:a\" input: \"B:p\" output: \"c\" }",
         "as items of \"Count\" and as parts of \"Split\": they cannot be matched");
  expect(split + "node { type: \"Pairwise\" input: \"p\" output: \"c\" batch { size: 9 } } run { max_in_flight: 8 }",
         "run: max_in_flight is 8, but the batches need at least 9");
  expect("node { type: \"Count\" output: \"a\" } node { type: \"Add\" input: \"a\" output: \"b\" max_in_flight: 3 }",
         "max_in_flight is for nodes that make items; Add is a Map node");
  expect("node { type: \"Count\" output: \"a\" max_in_flight: -3 }", "max_in_flight is negative");
}

TEST(PartsTest, SkippedItemsTravelEmpty) {
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(R"pb(
                         node {
                           type: "Count"
                           output: "a"
                           options {
                             [diarflow/Count] { count: 7 }
                           }
                         }
                         node { type: "Drop" input: "a" output: "b" }
                         node {
                           type: "Pairwise"
                           input: "b"
                           output: "c"
                           batch { size: 3 }
                         }
                         node { type: "Sum2" input: "A:a" input: "B:c" output: "d" }
                         node { type: "ToList" input: "d" }
                       )pb"));
  EXPECT_EQ(ExitCode(report), 0);
  EXPECT_THAT(LastList(), ElementsAre(2, 4, 8, 10));
  EXPECT_EQ(report.node(1).items_skipped(), 3);
}

TEST(PartsTest, AStalledRunSaysWhereItsItemsAre) {
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(R"pb(
                                                                  node {
                                                                    type: "Count"
                                                                    output: "a"
                                                                    options {
                                                                      [diarflow/Count] { count: 20 }
                                                                    }
                                                                  }
                                                                  node {
                                                                    type: "Pairwise"
                                                                    input: "a"
                                                                    output: "b"
                                                                    batch { size: 8 }
                                                                  }
                                                                  node { type: "ToList" input: "b" })pb",
                                                                "test.textproto"));
  ASSERT_OK_AND_ASSIGN(Plan plan, Validate(pipeline));
  // The check would have refused this: a batch of 8 cannot fill with 4 items in flight.
  plan.nodes[0].max_in_flight = 4;
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunPlan(plan, {}));
  EXPECT_EQ(ExitCode(report), 1);
  EXPECT_THAT(report.error(), HasSubstr("stalled: 4 of 4 items never left the graph"));
  EXPECT_THAT(report.error(), HasSubstr("Pairwise: 4 in, 0 out, waits for number 4 (batches of 8)"));
  EXPECT_THAT(report.error(), HasSubstr("ToList: 0 in, 0 out, waits for number 0"));
}

// A payload that says how large it is, and counts how many of it live.
struct Block {
  static constexpr char kPayloadName[] = "Block";
  static std::atomic<int> live;
  static std::atomic<int> peak;
  Block() { Enter(); }
  Block(const Block&) { Enter(); }
  Block(Block&&) { Enter(); }
  ~Block() { --live; }
  static void Enter() {
    const int now = ++live;
    int most = peak;
    while (now > most && !peak.compare_exchange_weak(most, now)) {
    }
  }
  int64_t byte_size() const { return 1000; }
};
std::atomic<int> Block::live{0};
std::atomic<int> Block::peak{0};

class BlocksNode : public SourceNode {
 public:
  static constexpr Out<Block> kOut{"BLOCK"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Makes blocks.").Output(kOut); }
  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (made_ == kBlocks) return false;
    item.SetItem("block");
    item.Set(kOut, Block());
    ++made_;
    return true;
  }
  static constexpr int kBlocks = 20000;

 private:
  int made_ = 0;
};
DIARFLOW_REGISTER_NODE("Blocks", BlocksNode);

class PassBlockNode : public MapNode {
 public:
  static constexpr In<Block> kIn{"BLOCK"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Takes blocks.").Input(kIn).Concurrent(); }
  absl::Status Process(ItemContext& item) const override { return absl::OkStatus(); }
};
DIARFLOW_REGISTER_NODE("PassBlock", PassBlockNode);

TEST(PartsTest, TokensBoundWhatLives) {
  for (const int tokens : {1, 5}) {
    Block::peak = 0;
    ASSERT_OK_AND_ASSIGN(const RunReport report,
                         RunText(absl::StrCat(R"pb(
                                                node { type: "Blocks" output: "a" }
                                                node { type: "PassBlock" input: "a" }
                                                node { name: "another" type: "PassBlock" input: "a" })pb",
                                              "run { threads: 4 max_in_flight: ", tokens, " }")));
    EXPECT_EQ(report.items(), BlocksNode::kBlocks);
    EXPECT_EQ(Block::live, 0);
    // One more waits in the source, and the block that is made is copied once.
    EXPECT_LE(Block::peak, tokens + 3);
    EXPECT_LE(report.peak_payload_bytes(), 1000 * (tokens + 2));
    EXPECT_GE(report.peak_payload_bytes(), 1000);
    EXPECT_LE(report.peak_in_flight(), tokens);
  }
}

TEST(PartsTest, ATraceHoldsEveryCall) {
  Trace trace(10000);
  RunOptions options;
  options.trace = &trace;
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline,
                       Pipeline::Parse(R"pb(
                                         node {
                                           type: "Count"
                                           output: "a"
                                           options {
                                             [diarflow/Count] { count: 3 fail_at: 1 }
                                           }
                                         }
                                         node { name: "plus" type: "Add" input: "a" output: "b" }
                                         node { type: "ToList" input: "b" }
                                       )pb",
                                       "test.textproto"));
  // The trace's names are the plan's.
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  ASSERT_OK(RunPlan(plan, options));
  const std::string json = trace.ToJson("test");
  EXPECT_THAT(json, HasSubstr("\"name\":\"plus\""));
  EXPECT_THAT(json, HasSubstr("no such number"));
  EXPECT_THAT(json, HasSubstr("items in flight"));
  EXPECT_THAT(json, HasSubstr("\"item\":\"n2\""));
}

}  // namespace
}  // namespace diarflow
