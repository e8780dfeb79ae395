#include <cstdlib>
#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/overrides.h"
#include "graph/test_nodes.h"
#include "graph/test_nodes.pb.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kText[] = R"pb(name: "example"
                              param { name: "amount" target: "plus.amount" env: "DIARFLOW_TEST_AMOUNT" }
                              resource { name: "ten" type: "Offset" }
                              node { type: "Count" output: "a" }
                              node {
                                name: "plus"
                                type: "Add"
                                input: "a"
                                output: "b"
                                options {
                                  [diarflow/Add] { amount: 5 label: "é" }
                                }
                              })pb";

options::Add OptionsOf(const Pipeline& pipeline) {
  options::Add options;
  EXPECT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
  return options;
}

Pipeline Example() {
  auto pipeline = Pipeline::Parse(kText, "dir/example.textproto");
  EXPECT_OK(pipeline);
  return *std::move(pipeline);
}

TEST(ConfigLoaderTest, ReadsShortOptionNamesAndKeepsLines) {
  const Pipeline pipeline = Example();
  EXPECT_EQ(OptionsOf(pipeline).amount(), 5);
  EXPECT_EQ(pipeline.config().node(0).name(), "Count");
  EXPECT_EQ(pipeline.WhereNode(0), "dir/example.textproto:4");
  EXPECT_EQ(pipeline.WhereNode(1), "dir/example.textproto:5");
  EXPECT_EQ(pipeline.WhereNode(1, "input", 0), "dir/example.textproto:8");
  EXPECT_EQ(pipeline.WhereNode(1, "resource", 0), "dir/example.textproto:5");
  EXPECT_EQ(pipeline.WhereResource(0), "dir/example.textproto:3");
  EXPECT_EQ(Pipeline::Parse("", "dir/x.textproto")->name(), "x");
}

TEST(ConfigLoaderTest, WritesWhatItCanReadAgain) {
  const Pipeline pipeline = Example();
  const std::string text = pipeline.ToText();
  EXPECT_THAT(text, HasSubstr("[diarflow/Add]"));
  EXPECT_THAT(text, HasSubstr("label: \"é\""));
  ASSERT_OK_AND_ASSIGN(const Pipeline again, Pipeline::Parse(text, "again.textproto"));
  EXPECT_EQ(again.ToText(), text);
  // The environment was asked once.
  GraphConfig expected = pipeline.config();
  expected.mutable_param(0)->clear_env();
  EXPECT_EQ(again.config().SerializeAsString(), expected.SerializeAsString());
}

TEST(ConfigLoaderTest, NamesLineColumnAndNearName) {
  EXPECT_THAT(Pipeline::Parse("node {\n  tpye: \"Add\"\n}", "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "p.textproto:2:7: diarflow.NodeConfig has no field \"tpye\"; did you mean \"type\"?"));
  EXPECT_THAT(Pipeline::Parse("node {\n options { [diarflow/Ad] { } } }", "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no node or resource takes options [diarflow/Ad]; did you mean \"Add\"?")));
  EXPECT_THAT(Pipeline::Parse("node {\n options { [diarflow/Add] { amuont: 1 } } }", "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("diarflow.options.Add has no field \"amuont\"; did you mean \"amount\"?")));
  EXPECT_THAT(Pipeline::Parse("node { type: ", "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("p.textproto:1:")));
  EXPECT_THAT(Pipeline::Load("/nowhere/p.textproto"), StatusIs(absl::StatusCode::kNotFound));
}

TEST(ConfigLoaderTest, RefusesWhatIsTooLongOrTooDeep) {
  EXPECT_THAT(Pipeline::Parse("description: \"" + std::string(10 << 20, 'x') + "\"", "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("p.textproto: 10485775 bytes are no pipeline")));
  EXPECT_OK(Pipeline::Parse("description: \"" + std::string(1 << 20, 'x') + "\"", "p.textproto"));
  std::string deep = "node { options { [diarflow/Add] { ";
  for (int i = 0; i < 100000; ++i) deep += "nested {";
  EXPECT_THAT(Pipeline::Parse(deep, "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("p.textproto:1:")));
  deep = "node {";
  for (int i = 0; i < 20000; ++i) deep += "options { [type.googleapis.com/diarflow.NodeConfig] {";
  EXPECT_THAT(Pipeline::Parse(deep, "p.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("p.textproto:1:")));
}

TEST(OverridesTest, SetsFieldsOfEveryKind) {
  Pipeline pipeline = Example();
  EXPECT_OK(SetFromAssignment("plus.amount=7", pipeline));
  EXPECT_OK(SetFromAssignment("plus.label=a=b c", pipeline));
  EXPECT_OK(SetFromAssignment("plus.unit=TENS", pipeline));
  EXPECT_OK(SetFromAssignment("plus.weight=0.25", pipeline));
  EXPECT_OK(SetFromAssignment("plus.throw_instead=true", pipeline));
  EXPECT_OK(SetFromAssignment("plus.tag=x,y", pipeline));
  EXPECT_OK(SetFromAssignment("plus.nested.amount=9", pipeline));
  EXPECT_OK(SetFromAssignment("plus.concurrency=3", pipeline));
  EXPECT_OK(SetFromAssignment("plus.batch.size=5", pipeline));
  EXPECT_OK(SetFromAssignment("Count.count=2", pipeline));
  EXPECT_OK(SetFromAssignment("ten.offset=11", pipeline));
  EXPECT_OK(SetFromAssignment("run.threads=1", pipeline));
  const options::Add options = OptionsOf(pipeline);
  EXPECT_EQ(options.amount(), 7);
  EXPECT_EQ(options.label(), "a=b c");
  EXPECT_EQ(options.unit(), options::Add::TENS);
  EXPECT_EQ(options.weight(), 0.25);
  EXPECT_EQ(options.tag_size(), 2);
  EXPECT_EQ(options.nested().amount(), 9);
  EXPECT_EQ(pipeline.config().node(1).concurrency(), 3);
  EXPECT_EQ(pipeline.config().node(1).batch().size(), 5);
  EXPECT_EQ(pipeline.config().run().threads(), 1);
  options::Count count;
  EXPECT_TRUE(pipeline.config().node(0).options().UnpackTo(&count));
  EXPECT_EQ(count.count(), 2);
}

TEST(OverridesTest, NamesWhatIsUnknown) {
  Pipeline pipeline = Example();
  const auto expect = [&](const std::string& assignment, const std::string& message) {
    EXPECT_THAT(SetFromAssignment(assignment, pipeline),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect("plsu.amount=1", "has no node or resource \"plsu\"; did you mean \"plus\"?");
  expect("plus.amuont=1", "\"plus\" has no field \"amuont\"; did you mean \"amount\"?");
  expect("plus.input=x", "\"plus\" has no field \"input\"");
  expect("plus.amount=one", "\"one\" is no value for amount, which takes int32");
  expect("plus.unit=TEN", "one of ONES, TENS; did you mean \"TENS\"?");
  expect("plus.nested.x=1", "nested has no field \"x\"");
  expect("plus.amount.x=1", "amount has no fields of its own");
  expect("run.thread=1", "\"run\" has no field \"thread\"; did you mean \"threads\"?");
  expect("plus=1", "names no field");
  expect("plus.amount", "--set plus.amount: write NODE.FIELD=VALUE");
  expect("plus.amount=one", "--set plus.amount=one: \"one\"");
}

TEST(OverridesTest, ParamsComeFromFlagsThenFromTheEnvironment) {
  Pipeline pipeline = Example();
  unsetenv("DIARFLOW_TEST_AMOUNT");
  EXPECT_OK(SetParams({}, {}, pipeline));
  EXPECT_EQ(OptionsOf(pipeline).amount(), 5);
  setenv("DIARFLOW_TEST_AMOUNT", "21", 1);
  EXPECT_OK(SetParams({}, {}, pipeline));
  EXPECT_EQ(OptionsOf(pipeline).amount(), 21);
  EXPECT_OK(SetParams({{"amount", "22"}}, {}, pipeline));
  EXPECT_EQ(OptionsOf(pipeline).amount(), 22);
  EXPECT_THAT(
      SetParams({{"amuont", "1"}}, {}, pipeline),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("declares no flag --amuont; did you mean \"amount\"?")));
  EXPECT_OK(SetParams({{"amount", "33"}, {"amount", "22"}}, {}, pipeline));
  EXPECT_THAT(SetParams({{"amount", "x"}}, {}, pipeline),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("example.textproto:2: --amount=x")));
}

TEST(OverridesTest, AListOfChoicesSwitchesNodes) {
  const std::string text = R"pb(
    param {
      name: "parts"
      choice { name: "one" target: "a.enabled" }
      choice { name: "two" target: "b.enabled" target: "c.enabled" }
    }
    node { name: "source" type: "Count" output: "s" }
    node { name: "a" type: "Record" input: "s" }
    node { name: "b" type: "Record" input: "s" enabled: false }
    node { name: "c" type: "Record" input: "s" })pb";
  const auto enabled = [&](const std::string& value) {
    auto pipeline = Pipeline::Parse(text, "p.textproto");
    EXPECT_OK(pipeline);
    EXPECT_OK(SetParams({{"parts", value}}, {}, *pipeline));
    std::string names;
    for (const NodeConfig& node : pipeline->config().node()) names += node.enabled() ? node.name() : "";
    return names;
  };
  EXPECT_EQ(enabled("one"), "sourcea");
  EXPECT_EQ(enabled("two"), "sourcebc");
  EXPECT_EQ(enabled("two,one"), "sourceabc");
  EXPECT_EQ(enabled(""), "source");
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(text, "p.textproto"));
  EXPECT_THAT(SetParams({{"parts", "one,tow"}}, {}, pipeline),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--parts=one,tow: there is no \"tow\"; did you mean \"two\"? (a list of: one, two)")));
  // What was switched off is gone from the pipeline as it ran, and its choice with it.
  ASSERT_OK(SetParams({{"parts", "one"}}, {}, pipeline));
  EXPECT_THAT(pipeline.ToText(), HasSubstr("name: \"one\""));
  EXPECT_THAT(pipeline.ToText(), Not(HasSubstr("name: \"two\"")));
}

TEST(OverridesTest, AChoiceSetsFields) {
  const std::string text = R"pb(
    param {
      name: "preset"
      choice { name: "far" set: "plus.amount=70" set: "run.threads=3" }
      choice { name: "near" set: "plus.amount=1" }
    }
    param { name: "amount" target: "plus.amount" }
    node { name: "source" type: "Count" output: "s" }
    node {
      name: "plus"
      type: "Add"
      input: "s"
      options {
        [diarflow/Add] { amount: 5 }
      }
    })pb";
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(text, "p.textproto"));
  const auto amount = [&] {
    options::Add options;
    EXPECT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
    return options.amount();
  };
  EXPECT_OK(CheckParam(pipeline.config().param(0), pipeline));
  EXPECT_EQ(amount(), 5);
  ASSERT_OK(SetParams({{"preset", "far"}}, {}, pipeline));
  EXPECT_EQ(amount(), 70);
  EXPECT_EQ(pipeline.config().run().threads(), 3);
  // A param further down has the last word.
  ASSERT_OK(SetParams({{"preset", "near"}, {"amount", "8"}}, {}, pipeline));
  EXPECT_EQ(amount(), 8);
  ParamConfig param = pipeline.config().param(0);
  param.mutable_choice(0)->set_set(0, "plus.amuont=1");
  EXPECT_THAT(CheckParam(param, pipeline), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("amuont")));
  param.mutable_choice(0)->set_set(0, "plus.amount=x");
  // Nobody typed --set.
  const auto error = StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("plus.amount=x: \"x\" is no value"));
  EXPECT_THAT(CheckParam(param, pipeline), error);
  *pipeline.mutable_config().mutable_param(0) = param;
  EXPECT_THAT(SetParams({{"preset", "far"}}, {}, pipeline),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(": --preset=far: plus.amount=x: \"x\" is no")));
  param.mutable_choice(0)->clear_set();
  EXPECT_THAT(CheckParam(param, pipeline), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("neither target")));
}

TEST(OverridesTest, ArgumentsTakeTheirTurnAmongTheParams) {
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline,
                       Pipeline::Parse(R"pb(
                                         param { name: "amount" target: "plus.amount" positional: true }
                                         param {
                                           name: "preset"
                                           choice { name: "far" set: "plus.amount=70" }
                                         }
                                         node { name: "source" type: "Count" output: "s" }
                                         node { name: "plus" type: "Add" input: "s" output: "t" })pb",
                                       "p.textproto"));
  ASSERT_OK(SetParams({}, {"8"}, pipeline));
  EXPECT_EQ(OptionsOf(pipeline).amount(), 8);
  ASSERT_OK(SetParams({{"preset", "far"}}, {"8"}, pipeline));
  EXPECT_EQ(OptionsOf(pipeline).amount(), 70);
}

TEST(OverridesTest, ArgumentsThatAreNoFlags) {
  ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(R"pb(
                                                            param { name: "tags" target: "plus.tag" positional: true }
                                                            node { name: "source" type: "Count" output: "s" }
                                                            node {
                                                              name: "plus"
                                                              type: "Add"
                                                              input: "s"
                                                              output: "t"
                                                              options {
                                                                [diarflow/Add] { tag: "old" }
                                                              }
                                                            })pb",
                                                          "p.textproto"));
  options::Add options;
  ASSERT_OK(SetParams({}, {}, pipeline));
  ASSERT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
  EXPECT_THAT(options.tag(), ElementsAre("old"));
  ASSERT_OK(SetParams({}, {"a,b.wav", "'c"}, pipeline));
  ASSERT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
  EXPECT_THAT(options.tag(), ElementsAre("a,b.wav", "'c"));
  // A flag once is a list, several times a value each.
  ASSERT_OK(SetParams({{"tags", "d,e"}}, {}, pipeline));
  ASSERT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
  EXPECT_THAT(options.tag(), ElementsAre("d", "e"));
  ASSERT_OK(SetParams({{"tags", "d,e"}, {"tags", "f"}}, {}, pipeline));
  ASSERT_TRUE(pipeline.config().node(1).options().UnpackTo(&options));
  EXPECT_THAT(options.tag(), ElementsAre("d,e", "f"));
  EXPECT_THAT(SetParams({{"tags", "d"}}, {"e"}, pipeline),
              StatusIs(absl::StatusCode::kInvalidArgument, "\"e\" and --tags mean the same: give one of them"));
  Pipeline example = Example();
  EXPECT_THAT(SetParams({}, {"x"}, example),
              StatusIs(absl::StatusCode::kInvalidArgument, "\"x\" is no flag: flags begin with --"));
}

}  // namespace
}  // namespace diarflow
