// Sub-graphs, includes and disabled nodes: what they expand to. Their mistakes: testdata/bad.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/overrides.h"
#include "graph/runtime.h"
#include "graph/test_nodes.h"
#include "graph/test_nodes.pb.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kNested[] = R"(
subgraph {
  name: "Twice"
  input: "IN:start"
  output: "OUT:end"
  resource: "BY:offset"
  node { name: "first" type: "Add" input: "start" output: "between" resource: "offset" }
  node { name: "second" type: "Add" input: "between" output: "end" options { [diarflow/Add] { amount: 2 } } }
}
subgraph {
  name: "FourTimes"
  input: "IN:in"
  output: "OUT:out"
  resource: "BY:by"
  node { name: "a" type: "Twice" input: "in" output: "between" resource: "by" }
  node { name: "b" type: "Twice" input: "IN:between" output: "OUT:out" resource: "BY:by" }
}
resource { name: "hundred" type: "Offset" }
node { type: "Count" output: "numbers" }
node { name: "four" type: "FourTimes" input: "numbers" output: "sums" resource: "hundred" }
node { type: "ToList" input: "sums" }
)";

std::vector<std::string> NodeNames(const Pipeline& pipeline) {
  std::vector<std::string> names;
  const Pipeline left = pipeline.WithoutDisabled();
  for (const NodeConfig& node : left.config().node()) names.push_back(node.name());
  return names;
}

// A plan, without the places in files.
std::string Describe(const Plan& plan) {
  std::string text;
  for (const PlannedResource& resource : plan.resources) {
    text += resource.name + " " + resource.entry->type + " " + resource.options->ShortDebugString() + "\n";
  }
  for (const PlannedNode& node : plan.nodes) {
    text += node.name + " " + node.entry->type;
    for (const std::vector<int>* list : {&node.inputs, &node.outputs, &node.resources}) {
      text += " |";
      for (const int index : *list) text += " " + std::to_string(index);
    }
    if (node.options != nullptr) text += " " + node.options->ShortDebugString();
    text += " " + std::to_string(node.concurrency) + " " + std::to_string(node.batch_size) + "\n";
  }
  for (const PlannedStream& stream : plan.streams) text += stream.name + " " + std::to_string(stream.producer) + "\n";
  return text + std::to_string(plan.max_in_flight) + " " + std::to_string(plan.warnings.size());
}

void ExpectSameWhenReadAgain(const Pipeline& pipeline) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  const std::string text = pipeline.ToText();
  ASSERT_OK_AND_ASSIGN(const Pipeline again, Pipeline::Parse(text, "again.textproto"));
  ASSERT_OK_AND_ASSIGN(const Plan plan_again, Validate(again));
  EXPECT_EQ(Describe(plan_again), Describe(plan));
  EXPECT_EQ(again.ToText(), text);
}

TEST(SubgraphTest, NestedOnesBecomeNodesWithPaths) {
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(kNested, "p.textproto"));
  EXPECT_THAT(NodeNames(pipeline),
              ElementsAre("Count", "four/a/first", "four/a/second", "four/b/first", "four/b/second", "ToList"));
  const GraphConfig& config = pipeline.config();
  EXPECT_THAT(config.node(1).input(), ElementsAre("numbers"));
  EXPECT_THAT(config.node(1).output(), ElementsAre("four/a/between"));
  EXPECT_THAT(config.node(2).output(), ElementsAre("four/between"));
  EXPECT_THAT(config.node(3).input(), ElementsAre("four/between"));
  EXPECT_THAT(config.node(4).output(), ElementsAre("sums"));
  EXPECT_THAT(config.node(3).resource(), ElementsAre("hundred"));
  EXPECT_EQ(pipeline.WhereNode(1), "p.textproto:7");
  EXPECT_EQ(pipeline.WhereNode(5), "p.textproto:21");
  EXPECT_EQ(pipeline.NodeContext(1),
            " (in sub-graph \"Twice\", used at p.textproto:15, in sub-graph \"FourTimes\", used at p.textproto:20)");
  EXPECT_EQ(pipeline.NodeContext(0), "");
  ExpectSameWhenReadAgain(pipeline);
}

// An output that the use does not connect is no stream, unless nodes inside read it.
TEST(SubgraphTest, UnconnectedOutputsAreLeftOut) {
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(R"(
subgraph {
  name: "Inner"
  output: "A:a"
  output: "B:b"
  node { type: "Count" output: "a" }
  node { type: "Add" input: "a" output: "b" }
}
subgraph { name: "Outer" output: "A:x" output: "B:y" node { type: "Inner" output: "A:x" output: "B:y" } }
node { type: "Outer" output: "A:numbers" }
node { name: "again" type: "Outer" }
node { type: "ToList" input: "numbers" })",
                                                                "p.textproto"));
  EXPECT_THAT(pipeline.config().node(1).output(), IsEmpty());
  EXPECT_THAT(pipeline.config().node(2).output(), ElementsAre("again/Inner/a"));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  EXPECT_THAT(plan.warnings, IsEmpty());
  ExpectSameWhenReadAgain(pipeline);
}

TEST(SubgraphTest, RunsAsItsNodesDo) {
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(kNested, "p.textproto"));
  ASSERT_OK(SetFromAssignment("Count.count=3", pipeline));
  ASSERT_OK(SetFromAssignment("four/b/second.amount=40", pipeline));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  ASSERT_OK(RunPlan(plan, RunOptions()));
  // 1 + 100 + 2 + 1 + 100 + 40.
  EXPECT_THAT(LastList(), ElementsAre(244, 245, 246));
}

TEST(SubgraphTest, FieldsInsideAreSetByPath) {
  ASSERT_OK_AND_ASSIGN(
      Pipeline pipeline,
      Pipeline::Parse(std::string("param { name: \"by\" target: \"four/a/first.amount\" }") + kNested, "p.textproto"));
  ASSERT_OK(SetParams({{"by", "7"}}, {}, pipeline));
  options::Add options;
  ASSERT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
  EXPECT_EQ(options.amount(), 7);
  EXPECT_FALSE(pipeline.config().node(3).has_options());
  EXPECT_THAT(pipeline.ToText(), HasSubstr("four/a/first.amount"));
  ExpectSameWhenReadAgain(pipeline);
  const auto expect = [&](const std::string& assignment, const std::string& message) {
    EXPECT_THAT(SetFromAssignment(assignment, pipeline),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect("four/a/frist.amount=1", "has no node or resource \"four/a/frist\"; did you mean \"four/a/first\"?");
  expect("foru.enabled=false", "did you mean \"four\"?");
  expect("four/a.amount=1",
         "\"four/a\" is a sub-graph, of which only enabled can be set: write NODE.amount with one "
         "of the nodes four/a/first, four/a/second");
  expect("four.enabled=maybe", "\"maybe\" is no value for enabled, which takes bool");
}

// Count -> Add -> ToList, and a side branch: -> plus -> doubled -> second list.
constexpr char kBranch[] = R"(
param { name: "side" target: "list.enabled" }
resource { name: "hundred" type: "Offset" }
node { type: "Count" output: "numbers" }
node { type: "Add" input: "numbers" output: "sums" }
node { type: "ToList" input: "sums" }
node { name: "plus" type: "Add" input: "numbers" output: "more" resource: "hundred" }
node { name: "both" type: "Sum2" input: "A:more" input: "B:sums" output: "doubled" }
node { name: "list" type: "ToList" input: "doubled" }
)";

TEST(EnabledTest, TakesOutANodeWithWhatWorksForItAlone) {
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(kBranch, "p.textproto"));
  ExpectSameWhenReadAgain(pipeline);
  ASSERT_OK(SetParams({{"side", "false"}}, {}, pipeline));
  EXPECT_THAT(NodeNames(pipeline), ElementsAre("Count", "Add", "ToList"));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  EXPECT_THAT(plan.resources, IsEmpty());
  EXPECT_THAT(plan.warnings, IsEmpty());
  EXPECT_THAT(pipeline.ToText(), Not(HasSubstr("hundred")));
  EXPECT_THAT(pipeline.ToText(), Not(HasSubstr("enabled")));
  ExpectSameWhenReadAgain(pipeline);
  ASSERT_OK(SetParams({{"side", "true"}}, {}, pipeline));
  EXPECT_EQ(NodeNames(pipeline).size(), 6u);
}

TEST(EnabledTest, AnOptionalInputIsLeftUnconnected) {
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(R"(
node { type: "Count" output: "a" }
node { name: "extra" type: "Add" input: "a" output: "c" enabled: false }
node { type: "Sum2" input: "A:a" input: "B:a" input: "C:c" output: "b" }
node { type: "ToList" input: "b" })",
                                                          "p.textproto"));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  ASSERT_EQ(plan.nodes.size(), 3u);
  EXPECT_THAT(plan.nodes[1].inputs, ElementsAre(0, 0, -1));
  ExpectSameWhenReadAgain(pipeline);
}

TEST(EnabledTest, AUseOfASubgraphMeansAllItsNodes) {
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(kNested, "p.textproto"));
  ASSERT_OK(SetFromAssignment("ToList.enabled=false", pipeline));
  EXPECT_THAT(NodeNames(pipeline), IsEmpty());
  ASSERT_OK(SetFromAssignment("ToList.enabled=true", pipeline));
  ASSERT_OK(SetFromAssignment("four/a.enabled=false", pipeline));
  EXPECT_THAT(Validate(pipeline),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("node \"four/b/first\": input NUMBER needs the stream \"four/between\", but node "
                                 "\"four/a/second\" is disabled: disable this node too (in sub-graph \"Twice\"")));
  ASSERT_OK(SetFromAssignment("four.enabled=false", pipeline));
  EXPECT_THAT(NodeNames(pipeline), ElementsAre("ToList"));
  ASSERT_OK(SetFromAssignment("four.enabled=true", pipeline));
  ASSERT_OK(SetFromAssignment("four/a.enabled=true", pipeline));
  EXPECT_EQ(NodeNames(pipeline).size(), 6u);
}

// What nobody read before is no reason to take a node out.
TEST(EnabledTest, LeavesNodesThatWorkForNobodyAnyway) {
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(R"(
node { type: "Count" output: "a" }
node { name: "idle" type: "Add" input: "a" output: "b" }
node { name: "off" type: "ToList" input: "a" enabled: false })",
                                                                "p.textproto"));
  EXPECT_THAT(NodeNames(pipeline), ElementsAre("Count", "idle"));
}

class IncludeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = JoinPath(std::getenv("TEST_TMPDIR"), "include_test");
    ASSERT_OK(MakeDirectories(folder_ + "/lib/deep"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, const std::string& text) {
    ASSERT_OK(WriteFileAtomically(JoinPath(folder_, name), text));
  }
  std::string folder_;
};

TEST_F(IncludeTest, IsRelativeToTheIncludingFileAndReadOnce) {
  Write("lib/a.textproto", "include: \"deep/b.textproto\"\ninclude: \"deep/../deep/b.textproto\"");
  Write("lib/deep/b.textproto",
        "subgraph {\n name: \"Plus\"\n input: \"IN:a\"\n output: \"OUT:b\"\n"
        " node { type: \"Add\" input: \"a\" output: \"b\" } }");
  Write("p.textproto",
        "include: \"lib/a.textproto\" include: \"lib/deep/b.textproto\"\n"
        "node { type: \"Count\" output: \"a\" } node { type: \"Plus\" input: \"a\" output: \"b\" }"
        "node { type: \"ToList\" input: \"b\" }");
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Load(folder_ + "/p.textproto"));
  EXPECT_THAT(NodeNames(pipeline), ElementsAre("Count", "Plus/Add", "ToList"));
  EXPECT_EQ(pipeline.WhereNode(1), folder_ + "/lib/deep/b.textproto:5");
  EXPECT_THAT(pipeline.ToText(), Not(HasSubstr("include")));
  ExpectSameWhenReadAgain(pipeline);
}

// Each level uses the next one twice: more nodes than memory, were they all made.
TEST(SubgraphTest, GrowthIsBounded) {
  std::string text = "node { type: \"L0\" }\n";
  for (int i = 0; i < 18; ++i) {
    const std::string next = "type: \"L" + std::to_string(i + 1) + "\"";
    text += "subgraph { name: \"L" + std::to_string(i) + "\" node { name: \"a\" " + next + " } node { name: \"b\" " +
            next + " } }\n";
  }
  text += "subgraph { name: \"L18\" node { type: \"Count\" } }";
  EXPECT_THAT(Pipeline::Parse(text, "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the pipeline has more than 5000 nodes")));
}

TEST(SubgraphTest, AThousandNodesAreRead) {
  std::string text = "node { type: \"Count\" output: \"s0\" }\n";
  for (int i = 0; i < 1000; ++i) {
    text += "node { name: \"n" + std::to_string(i) + "\" type: \"Add\" input: \"s" + std::to_string(i) +
            "\" output: \"s" + std::to_string(i + 1) + "\" }\n";
  }
  ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Parse(text, "p.textproto"));
  ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
  EXPECT_EQ(plan.nodes.size(), 1001u);
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("nobody reads the stream \"s1000\"")));
}

}  // namespace
}  // namespace diarflow
