// What every registered node does, whoever wrote it: results that do not depend on company or threads, and an answer to
// payloads that hold nothing or nonsense. What it says of itself: contracts_test.cc.
//
// A node that takes a new payload type or resource type needs a maker for it in conformance_payloads.cc or
// conformance_resources.cc; the test says which.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/node_runner.h"
#include "graph/registry.h"
#include "graph/runtime.h"
#include "graph/validator.h"
#include "gtest/gtest.h"
#include "nodes/conformance_payloads.h"
#include "nodes/conformance_resources.h"

namespace diarflow {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kItems = 7;
constexpr int kOddItem = 1;

std::vector<std::string> TypesOf(bool sources) {
  std::vector<std::string> types;
  for (const std::string& type : Registry::Global().NodeTypes()) {
    if ((Registry::Global().FindNode(type)->kind == NodeKind::kSource) == sources) types.push_back(type);
  }
  return types;
}

// ---- What a node does ----

class NodeTest : public testing::TestWithParam<std::string> {
 protected:
  const NodeEntry& entry() const { return *Registry::Global().FindNode(GetParam()); }
  const Contract contract_ = entry().contract();

  // Hz at each input: what the node takes with its default options.
  std::vector<int> Rates() const {
    std::vector<int> rates(contract_.inputs.size(), 16000);
    if (!contract_.stream_rules) return rates;
    const std::vector<StreamProperties> inputs(contract_.inputs.size());
    const StreamRules rules = contract_.stream_rules(*contract_.options.prototype, inputs);
    for (size_t i = 0; i < rules.takes.size(); ++i) rates[i] = rules.takes[i].sample_rate.value_or(rates[i]);
    return rates;
  }

  struct Setup {
    int threads = 2;
    int batch = 3;
    bool optional_ports = true;
    // The items that are pushed.
    std::vector<int> items = {0, 1, 2, 3, 4, 5, 6};
    // What is pushed at `odd_port` as item number kOddItem, in place of a good payload: an odd one of this name, or
    // "failed".
    std::string odd_port;
    std::string odd;
  };

  NodeRunner Prepare(const Setup& setup) {
    std::string text = absl::StrCat("type: \"", GetParam(), "\"");
    if (entry().kind == NodeKind::kBatch) absl::StrAppend(&text, " batch { size: ", setup.batch, " }");
    NodeRunner runner(text);
    runner.set_threads(setup.threads);
    for (const ResourceUse& use : contract_.resources) {
      if (use.optional && !setup.optional_ports) continue;
      if (!SetConformanceResource(use, &runner)) ADD_FAILURE() << "no maker for the resource " << use.type;
    }
    const std::vector<int> rates = Rates();
    // No node but a source is without any input: where all are optional, the first one stays.
    const auto is_optional = [](const PortContract& port) { return port.optional; };
    const bool all_optional = std::all_of(contract_.inputs.begin(), contract_.inputs.end(), is_optional);
    for (size_t i = 0; i < contract_.inputs.size(); ++i) {
      const PortContract& port = contract_.inputs[i];
      if (port.optional && !setup.optional_ports && !(all_optional && i == 0)) continue;
      const ConformancePayload* payload = FindConformancePayload(port.type->name);
      if (payload == nullptr) {
        ADD_FAILURE() << "no maker for the payload " << port.type->name;
        continue;
      }
      for (const int item : setup.items) {
        const bool odd = port.name == setup.odd_port && item == kOddItem;
        if (odd && setup.odd == "failed")
          runner.PushError(port.name, absl::DataLossError("failed on its way"));
        else
          payload->push(&runner, port.name, odd ? setup.odd : "", item, rates[i]);
      }
    }
    return runner;
  }

  // The items that come out: a Collect makes one of all.
  int ItemsOut() const { return contract_.outputs.empty() ? 0 : entry().kind == NodeKind::kCollect ? 1 : kItems; }

  // The numbers of item number `index` at every output; nothing when it has not come out.
  std::optional<std::vector<double>> Numbers(const NodeRunner& runner, uint64_t index) {
    std::vector<double> all;
    for (const PortContract& port : contract_.outputs) {
      const ConformancePayload* payload = FindConformancePayload(port.type->name);
      if (payload == nullptr) {
        ADD_FAILURE() << "no maker for the payload " << port.type->name;
        return std::nullopt;
      }
      const auto& read = entry().kind == NodeKind::kExpand ? payload->read_parts : payload->read;
      const std::optional<std::vector<double>> numbers = read(runner, port.name, index);
      if (!numbers.has_value()) return std::nullopt;
      all.push_back(static_cast<double>(numbers->size()));
      all.insert(all.end(), numbers->begin(), numbers->end());
    }
    return all;
  }

  void ExpectSame(const std::optional<std::vector<double>>& a, const std::optional<std::vector<double>>& b, int item) {
    ASSERT_EQ(a.has_value(), b.has_value()) << "item " << item;
    if (!a.has_value()) return;
    ASSERT_EQ(a->size(), b->size()) << "item " << item;
    for (size_t i = 0; i < a->size(); ++i) {
      // Batches of models differ in the last digits.
      ASSERT_NEAR((*a)[i], (*b)[i], 1e-4 * std::max(1.0, std::abs((*a)[i]))) << "item " << item << ", number " << i;
    }
  }

  // What a run with an odd item leaves to wish for; empty: nothing.
  std::string WhatIsWrong(const NodeRunner& runner) {
    for (const FailureReport& failure : runner.report().failure()) {
      if (failure.item() != absl::StrCat("item ", kOddItem)) return absl::StrCat(failure.item(), " failed");
      if (failure.message().empty()) return "it failed without a word";
    }
    if (absl::StrContains(Published(runner), "nan")) return Published(runner);
    if (contract_.outputs.empty()) return "";
    const auto numbers = Numbers(runner, entry().kind == NodeKind::kCollect ? 0 : kOddItem);
    if (!numbers.has_value()) return runner.report().failure_size() == 1 ? "" : "it vanished";
    for (const double number : *numbers) {
      if (!std::isfinite(number)) return absl::StrCat("it gave ", number);
    }
    return "";
  }

  // What a Collect published and said.
  static std::string Published(const NodeRunner& runner) {
    std::string text = absl::StrJoin(runner.report().summary(), "\n");
    for (const auto& result : runner.report().result()) absl::StrAppend(&text, "\n", result.ShortDebugString());
    return text;
  }
};

TEST_P(NodeTest, ResultsDependOnTheItemAlone) {
  Setup setup;
  setup.threads = 4;
  NodeRunner together = Prepare(setup);
  ASSERT_OK(together.Run());
  EXPECT_EQ(together.report().failure_size(), 0) << together.report().failure(0).message();
  setup.threads = 1;
  setup.batch = 1;
  NodeRunner one_thread = Prepare(setup);
  ASSERT_OK(one_thread.Run());
  EXPECT_EQ(Published(together), Published(one_thread));
  for (int item = 0; item < ItemsOut(); ++item) {
    ASSERT_TRUE(Numbers(together, item).has_value()) << item;
    ExpectSame(Numbers(together, item), Numbers(one_thread, item), item);
    if (entry().kind != NodeKind::kMap && entry().kind != NodeKind::kBatch) continue;
    setup.items = {item};
    NodeRunner alone = Prepare(setup);
    ASSERT_OK(alone.Run());
    ExpectSame(Numbers(together, item), Numbers(alone, 0), item);
  }
}

TEST_P(NodeTest, OptionalPortsMayBeLeftOut) {
  Setup setup;
  setup.optional_ports = false;
  NodeRunner runner = Prepare(setup);
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.report().failure_size(), 0);
}

TEST_P(NodeTest, AFailedItemPassesThrough) {
  NodeRunner good = Prepare({});
  ASSERT_OK(good.Run());
  for (const PortContract& port : contract_.inputs) {
    SCOPED_TRACE(port.name);
    Setup setup;
    setup.odd_port = port.name;
    setup.odd = "failed";
    NodeRunner runner = Prepare(setup);
    ASSERT_OK(runner.Run());
    ASSERT_EQ(runner.report().failure_size(), 1);
    EXPECT_EQ(runner.report().failure(0).message(), "failed on its way");
    for (int item = 0; item < ItemsOut(); ++item) {
      if (item == kOddItem)
        EXPECT_FALSE(Numbers(runner, item).has_value());
      else if (entry().kind == NodeKind::kCollect || entry().kind == NodeKind::kStream)
        EXPECT_TRUE(Numbers(runner, item).has_value());
      else
        ExpectSame(Numbers(runner, item), Numbers(good, item), item);
    }
  }
}

TEST_P(NodeTest, AnOddPayloadFailsItsItemOrGivesNumbers) {
  NodeRunner good = Prepare({});
  ASSERT_OK(good.Run());
  for (const PortContract& port : contract_.inputs) {
    const ConformancePayload* payload = FindConformancePayload(port.type->name);
    ASSERT_NE(payload, nullptr) << port.type->name;
    for (const std::string& odd : payload->odd) {
      SCOPED_TRACE(absl::StrCat(odd, " at ", port.name));
      Setup setup;
      setup.odd_port = port.name;
      setup.odd = odd;
      NodeRunner runner = Prepare(setup);
      const absl::Status ran = runner.Run();
      EXPECT_EQ(ran.ok() ? WhatIsWrong(runner) : ran.ToString(), "");
      for (int item = 0; item < ItemsOut() && entry().kind != NodeKind::kCollect; ++item) {
        if (item == kOddItem) continue;
        // A Stream hears what comes before: another answer, but an answer.
        if (entry().kind == NodeKind::kStream)
          EXPECT_TRUE(Numbers(runner, item).has_value()) << item;
        else
          ExpectSame(Numbers(runner, item), Numbers(good, item), item);
      }
    }
  }
}

// ---- What a source makes ----

// Keeps the names of the items.
class NamesNode : public CollectNode {
 public:
  explicit NamesNode(std::vector<std::string>* names) : names_(names) {}
  absl::Status Add(ItemContext& item) override {
    names_->push_back(item.item());
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext&) override { return absl::OkStatus(); }

 private:
  std::vector<std::string>* names_;
};

class SourceTest : public testing::TestWithParam<std::string> {
 protected:
  // The names of the items that it makes, in order.
  std::vector<std::string> Names(int threads) {
    const Contract contract = Registry::Global().FindNode(GetParam())->contract();
    Registry registry(&Registry::Global());
    std::vector<std::string> names;
    std::string text = absl::StrCat("run { threads: ", threads, " } node { type: \"", GetParam(), "\" ");
    std::string rest;
    for (const ResourceUse& use : contract.resources) {
      EXPECT_TRUE(AddConformanceResource(use, &registry)) << "no maker for the resource " << use.type;
      absl::StrAppend(&text, "resource: \"", use.name, ":", use.name, "\" ");
      absl::StrAppend(&rest, "resource { name: \"", use.name, "\" type: \"", use.type, "\" } ");
    }
    Contract sink;
    sink.inputs = contract.outputs;
    registry.AddNode({"Names", NodeKind::kCollect, [sink] { return sink; },
                      [&names] { return std::make_unique<NamesNode>(&names); }},
                     __FILE__, __LINE__);
    absl::StrAppend(&rest, "node { type: \"Names\" ");
    for (const PortContract& port : contract.outputs) {
      absl::StrAppend(&text, "output: \"", port.name, ":", port.name, "\" ");
      absl::StrAppend(&rest, "input: \"", port.name, ":", port.name, "\" ");
    }
    const auto pipeline = Pipeline::Parse(absl::StrCat(text, "} ", rest, "}"), "source", registry);
    EXPECT_OK(pipeline);
    const auto plan = Validate(*pipeline, registry);
    EXPECT_OK(plan);
    int64_t total = -2;
    // Whoever reads standard input has some bytes of it.
    const std::string input = absl::StrCat(testing::TempDir(), "/standard_input");
    EXPECT_OK(WriteFileAtomically(input, std::string(5000, 'x')));
    EXPECT_NE(std::freopen(input.c_str(), "rb", stdin), nullptr);
    RunOptions options;
    options.progress = [&total](const Progress& progress) { total = progress.items_total; };
    const auto report = RunPlan(*plan, options);
    EXPECT_OK(report);
    EXPECT_EQ(ExitCode(*report), 0) << report->error();
    EXPECT_THAT(total, testing::AnyOf(-1, static_cast<int64_t>(names.size())));
    return names;
  }
};

TEST_P(SourceTest, MakesNamedItemsInTheSameOrderEveryTime) {
  const std::vector<std::string> names = Names(1);
  EXPECT_THAT(names, Not(IsEmpty()));
  EXPECT_THAT(names, testing::Each(Not(IsEmpty())));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(Names(4), names);
}

const auto kTypeName = [](const testing::TestParamInfo<std::string>& info) { return info.param; };
INSTANTIATE_TEST_SUITE_P(All, NodeTest, testing::ValuesIn(TypesOf(/*sources=*/false)), kTypeName);
INSTANTIATE_TEST_SUITE_P(All, SourceTest, testing::ValuesIn(TypesOf(/*sources=*/true)), kTypeName);

}  // namespace
}  // namespace diarflow
