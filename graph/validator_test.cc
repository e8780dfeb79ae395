#include "graph/validator.h"

#include <algorithm>
#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/test_nodes.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<Plan> Check(const std::string& text) {
  auto pipeline = Pipeline::Parse(text, "p.textproto");
  if (!pipeline.ok()) return pipeline.status();
  return Validate(*pipeline);
}

void ExpectError(const std::string& text, const std::string& message) {
  EXPECT_THAT(Check(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message))) << text;
}

constexpr char kSource[] = "node { type: \"Count\" output: \"a\" }\n";
constexpr char kSink[] = "node { type: \"ToList\" input: \"b\" }\n";

std::string Between(const std::string& node) { return std::string(kSource) + node + "\n" + kSink; }

TEST(ValidatorTest, SortsNodesBehindTheirProducers) {
  ASSERT_OK_AND_ASSIGN(const Plan plan,
                       Check(std::string(kSink) + "node { type: \"Add\" input: \"a\" output: \"b\" }\n" + kSource));
  EXPECT_EQ(plan.nodes[0].name, "Count");
  EXPECT_EQ(plan.nodes[1].name, "Add");
  EXPECT_EQ(plan.nodes[2].name, "ToList");
  EXPECT_THAT(plan.warnings, IsEmpty());
  EXPECT_GE(plan.max_in_flight, 1);
  EXPECT_GE(plan.threads, 1);
}

TEST(ValidatorTest, NamesAndTypes) {
  ExpectError(Between("node { type: \"Addd\" input: \"a\" output: \"b\" }"),
              "p.textproto:2: node \"Addd\": there is no node type \"Addd\"; did you mean \"Add\"?");
  ExpectError(Between("node { name: \"Count\" type: \"Add\" input: \"a\" output: \"b\" }"),
              "p.textproto:2: node \"Count\": the name is taken (p.textproto:1)");
  ExpectError(Between("node { name: \"run\" type: \"Add\" input: \"a\" output: \"b\" }"),
              "node \"run\": the name is taken");
  ExpectError(Between("node { name: \"a-b\" type: \"Add\" input: \"a\" output: \"b\" }"),
              "a name is a letter followed by");
}

TEST(ValidatorTest, Ports) {
  ExpectError(Between("node { type: \"Add\" input: \"NUMBR:a\" output: \"b\" }"),
              "p.textproto:2: node \"Add\": there is no input \"NUMBR\"; did you mean \"NUMBER\"? (NUMBER)");
  ExpectError(Between("node { type: \"Add\" input: \"a\" output: \"NUM:b\" }"), "there is no output \"NUM\"");
  ExpectError(Between("node { type: \"Sum2\" input: \"a\" input: \"B:a\" output: \"b\" }"),
              "\"a\" names no port: write PORT:a with one of A, B, C");
  ExpectError(Between("node { type: \"Sum2\" input: \"A:a\" input: \"A:a\" output: \"b\" }"),
              "input \"A\" is connected twice");
  ExpectError(Between("node { type: \"Sum2\" input: \"A:a\" output: \"b\" }"),
              "input B is not connected: write input: \"B:STREAM\"");
  ExpectError(Between("node { type: \"Add\" output: \"b\" }"), "input NUMBER is not connected");
  ExpectError("node { type: \"Count\" input: \"a\" output: \"a\" }", "\"a\": Count has no input");
}

TEST(ValidatorTest, Streams) {
  ExpectError("node { type: \"Count\" output: \"numbers\" }\nnode { type: \"ToList\"\n input: \"nmubers\" }",
              "p.textproto:3: node \"ToList\": nobody produces the stream \"nmubers\"; did you mean \"numbers\"?");
  ExpectError(Between("node { type: \"Add\" input: \"a\" output: \"a\" }"),
              "stream \"a\" already comes from node \"Count\"");
  ExpectError(Between("node { type: \"ToText\" input: \"a\" output: \"b\" }"),
              "stream \"b\" carries Text (from node \"ToText\"), but NUMBER takes Number");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Check(kSource));
  EXPECT_THAT(plan.warnings, ElementsAre("p.textproto:1: node \"Count\": nobody reads the stream \"a\""));
}

TEST(ValidatorTest, Cycles) {
  ExpectError(std::string(kSource) +
                  "node { name: \"x\" type: \"Sum2\" input: \"A:a\" input: \"B:d\" output: \"b\" }\n"
                  "node { name: \"y\" type: \"Add\" input: \"b\" output: \"c\" }\n"
                  "node { name: \"z\" type: \"Add\" input: \"c\" output: \"d\" }",
              "is part of a cycle: x -> y -> z -> x");
}

TEST(ValidatorTest, Resources) {
  const std::string ten = "resource { name: \"ten\" type: \"Offset\" }\n";
  ExpectError("resource { name: \"ten\" type: \"Ofset\" }",
              "p.textproto:1: resource \"ten\": there is no resource type \"Ofset\"; did you mean \"Offset\"?");
  ExpectError(ten + Between("node { type: \"Add\" input: \"a\" output: \"b\" resource: \"tne\" }"),
              "p.textproto:3: node \"Add\": there is no resource \"tne\"; did you mean \"ten\"?");
  ExpectError(ten + Between("node { type: \"ToText\" input: \"a\" output: \"b\" resource: \"ten\" }"),
              "\"ten\": ToText has no resource");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Check(ten + Between("node { type: \"Add\" input: \"a\" output: \"b\" }")));
  EXPECT_THAT(plan.warnings, ElementsAre("p.textproto:1: no node uses the resource \"ten\""));
}

TEST(ValidatorTest, Options) {
  ExpectError(Between("node { type: \"Add\" input: \"a\" output: \"b\"\n options { [diarflow/Count] { } } }"),
              "p.textproto:3: node \"Add\" takes options of the type diarflow.options.Add, not diarflow.options.Count");
  ExpectError(Between("node { type: \"Add\" input: \"a\" output: \"b\" options { [diarflow/Add] { amount: -1 } } }"),
              "node \"Add\": amount is negative");
  ExpectError(Between("node { type: \"Add\" input: \"a\" output: \"b\" options { [diarflow/Add] { weight: nan } } }"),
              "node \"Add\": weight is not a finite number");
  ExpectError(Between("node { type: \"ToText\" input: \"a\" output: \"b\" options { [diarflow/Add] { } } }"),
              "node \"ToText\" takes no options");
}

TEST(ValidatorTest, ConcurrencyAndBatches) {
  ExpectError(Between("node { type: \"Forgetful\" input: \"a\" output: \"b\" concurrency: 2 }"),
              "concurrency is 2, but Forgetful works on one item at a time");
  ExpectError(Between("node { type: \"Add\" input: \"a\" output: \"b\" batch { size: 2 } }"),
              "Add is a Map node and makes no batches");
  ExpectError(Between("node { type: \"Pairwise\" input: \"a\" output: \"b\" batch { size: 0 } }"),
              "batch size is 0, must be at least 1");
  const std::string two =
      "node { type: \"Pairwise\" input: \"a\" output: \"c\" batch { size: 8 } }\n"
      "node { name: \"second\" type: \"Pairwise\" input: \"c\" output: \"b\" batch { size: 4 } }\n";
  ExpectError(Between(two) + "run { max_in_flight: 10 }", "max_in_flight is 10, but the batches need at least 11");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Check(Between(two) + "run { max_in_flight: 11 }"));
  EXPECT_EQ(plan.max_in_flight, 11);
}

TEST(ValidatorTest, SourcesThatMeet) {
  ExpectError(
      "node { name: \"one\" type: \"Count\" output: \"a\" }\nnode { name: \"two\" type: \"Count\" output: \"b\" }\n"
      "node { type: \"Sum2\" input: \"A:a\" input: \"B:b\" output: \"c\" }",
      "its inputs are numbered differently, as items of \"one\" and as items of \"two\"");
  ExpectError("name: \"empty\"", "the pipeline has no source");
}

TEST(ValidatorTest, ParamTargets) {
  ExpectError("param { name: \"x\" target: \"Cuont.count\" }\n" + std::string(kSource),
              "p.textproto:1: param \"x\": p.textproto has no node or resource \"Cuont\"; did you mean \"Count\"?");
  ExpectError("param { name: \"x\" target: \"Count.cuont\" }\n" + std::string(kSource),
              "\"Count\" has no field \"cuont\"");
}

TEST(ValidatorTest, CollectsAllMistakes) {
  EXPECT_THAT(
      Check(
          "node { type: \"Cuont\" output: \"a\" }\nnode { type: \"Add\" input: \"x\" output: \"b\" concurrency: -1 }"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("did you mean \"Count\"?"), HasSubstr("concurrency is negative"),
                     HasSubstr("nobody produces"))));
}

TEST(ValidatorTest, ListsNoMoreMistakesThanAnyoneReads) {
  std::string text = kSource;
  for (int i = 0; i < 3000; ++i) {
    text += "node { name: \"n" + std::to_string(i) + "\" type: \"Add\" input: \"x" + std::to_string(i) +
            "\" output: \"s" + std::to_string(i) + "\" }\n";
  }
  const absl::Status status = Check(text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::count(status.message().begin(), status.message().end(), '\n'), 100);
  EXPECT_THAT(std::string(status.message()), HasSubstr("p.textproto:101: node \"n99\""));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\nand more mistakes, not listed"));
}

}  // namespace
}  // namespace diarflow
