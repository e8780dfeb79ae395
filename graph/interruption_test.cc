// Runs that are interrupted, and how far a run says that it is.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/plan.h"
#include "graph/registry.h"
#include "graph/run_state.h"
#include "graph/run_text.h"
#include "graph/runtime.h"
#include "graph/test_nodes.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(InterruptionTest, AnInterruptDrainsAndASecondOneCancels) {
  const std::string text = R"pb(
    node {
      type: "Count"
      output: "a"
      options {
        [diarflow/Count] { count: 100000000 }
      }
    }
    node {
      type: "RecordAll"
      input: "a"
      options {
        [diarflow/RecordAll] { label: "seen" }
      }
    }
    node { type: "ToList" input: "a" }
    run { progress_seconds: 0.01 })pb";
  for (const int times : {1, 2}) {
    std::atomic<int> interrupts{0};
    RunOptions options;
    options.interrupts = &interrupts;
    // Progress comes once the run is on its way.
    options.progress = [&](const Progress&) { interrupts = times; };
    ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(text, options));
    EXPECT_EQ(ExitCode(report), 1);
    EXPECT_THAT(report.error(), HasSubstr("interrupted"));
    EXPECT_GT(report.items(), 0);
    // Drained: what was made has been collected.
    if (times == 1) {
      EXPECT_EQ(static_cast<int64_t>(Records()["seen"].size()), report.items());
    }
    // Yet it is no result.
    EXPECT_THAT(LastList(), IsEmpty());
    EXPECT_THAT(report.summary(), IsEmpty());
  }
}

std::atomic<int> ones_count{0};

// An item to `ones_count` ones; may be cut short.
class OnesNode : public ExpandNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("An item to many parts.").Input(kIn).Output(kOut);
  }
  absl::StatusOr<std::unique_ptr<Parts>> Begin(const ItemContext& item) const override {
    return std::make_unique<Ones>(ones_count);
  }

 private:
  class Ones : public Parts {
   public:
    explicit Ones(int count) : count_(count) {}
    absl::StatusOr<bool> Next(SourceContext& part) override {
      if (made_ == count_) return false;
      ++made_;
      part.Set(kOut, Number{1});
      return true;
    }
    int64_t Count() const override { return count_; }
    bool MayEndEarly() const override { return true; }

   private:
    int count_;
    int made_ = 0;
  };
};
DIARFLOW_REGISTER_NODE("Ones", OnesNode);

constexpr char kOnes[] = R"pb(
  node {
    type: "Count"
    output: "a"
    options {
      [diarflow/Count] { count: 2 }
    }
  }
  node { type: "Ones" input: "a" output: "p" }
  node { type: "Total" input: "p" output: "t" }
  node { type: "SumUp" input: "t" output: "sums" }
  node {
    type: "Record"
    input: "sums"
    options {
      [diarflow/Record] { label: "sums" }
    }
  }
  run { progress_seconds: 0.001 })pb";

TEST(InterruptionTest, PartsTellHowFarALongItemIs) {
  ones_count = 20000;
  RunOptions options;
  std::vector<double> seen;
  options.progress = [&](const Progress& progress) {
    seen.push_back(progress.work_done);
    EXPECT_GE(progress.work_done, static_cast<double>(progress.items_done));
  };
  ASSERT_OK(RunText(kOnes, options));
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_TRUE(std::any_of(seen.begin(), seen.end(), [](double work) { return work > 0.01 && work < 0.99; }));
  EXPECT_NEAR(seen.back(), 2, 0.05);
}

TEST(InterruptionTest, SmallPartsAddUp) {
  constexpr int kParts = 300000;
  const Plan plan;
  RunOptions options;
  double work = 0;
  options.progress = [&](const Progress& progress) { work = progress.work_done; };
  RunState run(&plan, &options, [] {});
  for (int part = 0; part < kParts; ++part) run.PartRetired(1.0 / kParts);
  run.ReportProgress(true);
  EXPECT_NEAR(work, 1, 1e-6);
}

TEST(InterruptionTest, AnInterruptedItemEndsWithThePartsThatItHas) {
  ones_count = 1000000000;
  std::atomic<int> interrupts{0};
  RunOptions options;
  options.interrupts = &interrupts;
  options.progress = [&](const Progress&) { interrupts = 1; };
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunText(kOnes, options));
  EXPECT_EQ(ExitCode(report), 1);
  EXPECT_THAT(report.error(), HasSubstr("interrupted"));
  // Its sum came out.
  EXPECT_GE(Records()["sums"].size(), 1u);
}

}  // namespace
}  // namespace diarflow
