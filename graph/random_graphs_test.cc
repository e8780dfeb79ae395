// Random valid graphs give the same results on one thread with the fewest tokens that the plan allows and on four
// threads with many, and never stall.
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/run_text.h"
#include "graph/runtime.h"
#include "graph/test_nodes.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int kGraphs = 1000;
constexpr int kMaxDepth = 3;

class GraphWriter {
 public:
  explicit GraphWriter(unsigned seed) : random_(seed) {}

  std::string Write() {
    const int sources = Chance(5) ? 2 : 1;
    for (int i = 0; i < sources; ++i) {
      const std::string stream = NewStream();
      Node("Count", "", stream,
           absl::StrCat("count: ", Below(25), Chance(3) ? absl::StrCat(" fail_at: ", Below(25)) : ""));
      Grow({stream}, 0, 2 + Below(7));
    }
    return text_;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool Chance(int one_in) { return Below(one_in) == 0; }
  std::string NewStream() { return absl::StrCat("s", streams_++); }
  const std::string& Pick(const std::vector<std::string>& streams) {
    return streams[static_cast<size_t>(Below(static_cast<int>(streams.size())))];
  }

  void Node(const std::string& type, const std::string& inputs, const std::string& output, const std::string& options,
            const std::string& more = "") {
    absl::StrAppend(&text_, "node { name: \"n", nodes_++, "\" type: \"", type, "\" ", inputs);
    if (!output.empty()) absl::StrAppend(&text_, " output: \"", output, "\"");
    if (!options.empty()) absl::StrAppend(&text_, " options { [diarflow/", type, "] { ", options, " } }");
    absl::StrAppend(&text_, " ", more, " }\n");
  }
  static std::string Input(const std::string& stream) { return absl::StrCat("input: \"", stream, "\""); }

  std::string Failures() { return Chance(3) ? absl::StrCat("fail_multiples_of: ", 2 + Below(20)) : ""; }

  // A sink for every stream that nobody reads yet, so that everything is compared.
  void Sink(const std::string& stream, bool in_order) {
    Node(in_order ? "RecordAll" : "Record", Input(stream), "", absl::StrCat("label: \"", stream, " at ", nodes_, "\""));
  }

  // Adds nodes within a scope, and sinks for all of its streams. Answers the streams.
  std::vector<std::string> Grow(std::vector<std::string> streams, int depth, int steps) {
    for (int step = 0; step < steps; ++step) {
      const std::string from = Pick(streams);
      const std::string to = NewStream();
      switch (Below(depth < kMaxDepth ? 7 : 6)) {
        case 0:
          Node("Add", Input(from), to, absl::StrCat("amount: ", Below(9), " ", Failures()),
               absl::StrCat("concurrency: ", Below(4)));
          break;
        case 1:
          Node("Pairwise", Input(from), to, "",
               absl::StrCat("batch { size: ", 1 + Below(5), " } concurrency: ", Below(3)));
          break;
        case 2:
          Node("Sum2",
               absl::StrCat("input: \"A:", from, "\" input: \"B:", Pick(streams), "\"",
                            Chance(2) ? absl::StrCat(" input: \"C:", Pick(streams), "\"") : ""),
               to, "");
          break;
        case 3:
          Node("Total", Input(from), to, absl::StrCat("flush: ", Chance(2) ? "true " : "false ", Failures()));
          break;
        case 4: Node("Drop", Input(from), to, absl::StrCat("multiples_of: ", 2 + Below(5))); break;
        case 5: Node("Add", Input(from), to, "amount: 1"); break;
        default: {
          Node("Split", Input(from), to,
               absl::StrCat("modulo: ", 1 + Below(5), " begin_fails_at: ", Below(40), " ", Failures()));
          const std::vector<std::string> inner = Grow({to}, depth + 1, Below(5));
          if (Chance(4)) continue;  // left open: sinks take the parts
          const std::string sum = NewStream();
          Node("SumUp", Input(Pick(inner)), sum, "");
          streams.push_back(sum);
          continue;
        }
      }
      streams.push_back(to);
    }
    for (const std::string& stream : streams) {
      if (Chance(2)) Sink(stream, depth == 0 || Chance(2));
    }
    Sink(streams.back(), false);
    return streams;
  }

  std::mt19937 random_;
  std::string text_;
  int streams_ = 0;
  int nodes_ = 0;
};

std::string RunAndDump(Plan plan, int threads, bool fewest_tokens) {
  plan.threads = threads;
  for (PlannedNode& node : plan.nodes)
    node.max_in_flight = fewest_tokens ? node.least_in_flight : node.least_in_flight + 50;
  Records().clear();
  const absl::StatusOr<RunReport> report = RunPlan(plan, {});
  EXPECT_OK(report);
  if (!report.ok()) return "";
  EXPECT_NE(report->outcome(), RunReport::RUN_FAILED) << report->error();
  std::string dump = absl::StrCat(report->items(), " items, ", report->items_failed(), " failed\n");
  for (const FailureReport& failure : report->failure()) absl::StrAppend(&dump, WithoutTime(failure), "\n");
  for (const auto& [label, values] : Records()) {
    absl::StrAppend(&dump, label, ":");
    for (const auto& [sequence, value] : values) absl::StrAppend(&dump, " ", sequence, "=", value);
    absl::StrAppend(&dump, "\n");
  }
  return dump;
}

TEST(RandomGraphsTest, ResultsDependNeitherOnThreadsNorOnTokens) {
  int64_t values = 0, failures = 0;
  for (unsigned seed = 0; seed < kGraphs; ++seed) {
    const std::string text = GraphWriter(seed).Write();
    ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(text, "random.textproto"));
    const auto plan = Validate(pipeline);
    ASSERT_OK(plan) << text;
    const std::string first = RunAndDump(*plan, 1, true);
    const std::string second = RunAndDump(*plan, 4, false);
    ASSERT_EQ(first, second) << "seed " << seed << "\n" << text;
    ASSERT_FALSE(HasFailure()) << "seed " << seed << "\n" << text;
    for (const auto& [label, record] : Records()) values += static_cast<int64_t>(record.size());
    failures += first.find("message") != std::string::npos;
  }
  // The generator makes graphs that do something, and that fail.
  EXPECT_GT(values, 20 * kGraphs);
  EXPECT_GT(failures, kGraphs / 4);
}

}  // namespace
}  // namespace diarflow
