#include "graph/draw.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/test_nodes.h"
#include "graph/validator.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Plan PlanOf(const std::string& text) {
  auto pipeline = Pipeline::Parse(text, "p.textproto");
  EXPECT_OK(pipeline);
  auto plan = Validate(*pipeline);
  EXPECT_OK(plan);
  return *std::move(plan);
}

constexpr char kTiny[] = R"pb(
  name: "tiny"
  resource { name: "far" type: "Offset" }
  node { name: "count" type: "Count" output: "a" }
  node { name: "add" type: "Add" input: "a" resource: "far" output: "b" }
  node { name: "sum" type: "Sum2" input: "A:a" input: "B:b" output: "c" }
  node { name: "list" type: "ToList" input: "c" output: "all" }
  run { threads: 2 max_in_flight: 7 }
)pb";

RunReport TinyReport() {
  RunReport report;
  report.set_items(10);
  report.set_items_failed(3);
  report.set_wall_seconds(2.5);
  report.set_threads(2);
  for (const auto& [name, seconds] :
       std::map<std::string, double>{{"add", 3}, {"count", 0.5}, {"list", 0}, {"sum", 0.5}}) {
    NodeReport* node = report.add_node();
    node->set_name(name);
    node->set_busy_seconds(seconds);
    if (name == "add") node->set_items_failed(3);
  }
  return report;
}

TEST(DrawDotTest, DrawsATinyPlan) {
  EXPECT_EQ(PlanToDot(PlanOf(kTiny), nullptr), R"(digraph "tiny" {
  bgcolor=white;
  labelloc=t;
  label="tiny\n2 threads, up to 7 items in flight";
  node [shape=box, style="rounded,filled", fillcolor=white, fontname=Helvetica];
  edge [fontname=Helvetica, fontsize=10];
  b0 [label="far\nOffset", tooltip="A number.", style="rounded,dashed"];
  b1 [label="count\nCount, Source", tooltip="Counts from 0.", fillcolor="#ffffff"];
  b2 [label="7 tokens", tooltip="Bounds how many items are on their way at once.", fillcolor="#eeeeee", color="#aaaaaa", fontcolor="#666666", fontsize=9, height=0.2];
  b3 [label="add\nAdd, Map", tooltip="Adds.", fillcolor="#ffffff"];
  b4 [label="join", tooltip="Waits for the packets of one item, by number.", fillcolor="#eeeeee", color="#aaaaaa", fontcolor="#666666", fontsize=9, height=0.2];
  b5 [label="sum\nSum2, Map", tooltip="Adds two or three numbers.", fillcolor="#ffffff"];
  b6 [label="order", tooltip="Puts the items back into the order of their numbers.", fillcolor="#eeeeee", color="#aaaaaa", fontcolor="#666666", fontsize=9, height=0.2];
  b7 [label="list\nToList, Collect", tooltip="Keeps all.", fillcolor="#ffffff"];
  b1 -> b2;
  b4 -> b5;
  b6 -> b7;
  b2 -> b3 [label="a: Number"];
  b2 -> b4 [label="a: Number"];
  b3 -> b4 [label="b: Number"];
  b5 -> b6 [label="c: Number"];
  unread6 [shape=point];
  b7 -> unread6 [label="all: NumberList"];
  b0 -> b3 [style=dashed, color="#888888", arrowhead=none];
}
)");
}

TEST(DrawDotTest, EscapesAndGroups) {
  Plan plan = PlanOf(kTiny);
  plan.pipeline = "a \"quoted\" \\ name";
  plan.nodes[1].name = "outer/add";
  plan.nodes[1].contract.summary = "Says \"hello\".";
  const RunReport report = TinyReport();
  const std::string dot = PlanToDot(plan, &report);
  EXPECT_THAT(dot, HasSubstr("digraph \"a \\\"quoted\\\" \\\\ name\" {"));
  EXPECT_THAT(dot, HasSubstr("subgraph cluster_0 {\n    label=\"outer\";\n    b3 [label=\"add\\nAdd, Map\""));
  EXPECT_THAT(dot, HasSubstr("tooltip=\"Says \\\"hello\\\".\""));
  EXPECT_THAT(dot, HasSubstr("10 items in 2.5 s with 2 threads, 3 failed"));
}

TEST(DrawDotTest, NamesRates) {
  Plan plan = PlanOf(kTiny);
  plan.streams[0].properties.sample_rate = 24000;
  plan.streams[1].properties.frame_rate = FrameRate::Of(25, 2);
  plan.streams[1].properties.width = 512;
  EXPECT_THAT(PlanToDot(plan, nullptr), HasSubstr("a: Number @ 24000 Hz\""));
  EXPECT_THAT(PlanToDot(plan, nullptr), HasSubstr("b: Number @ 12.5 Hz [512]\""));
}

// ---- SVG ----

// What is wrong with the tags, attributes and entities of an XML text; empty when nothing is.
std::string XmlMistake(const std::string& xml) {
  static const RE2 kTag(R"re((/?)([A-Za-z]+)((?: [A-Za-z:-]+="[^"<>]*")*)(/?))re");
  static const RE2 kText(R"re((?:[^<>&\x00-\x08\x0b-\x1f]|&(?:amp|lt|gt|quot);)*)re");
  std::vector<std::string> open;
  size_t end = 0;
  for (size_t at = 0; at < xml.size(); at = end + 1) {
    const size_t begin = std::min(xml.find('<', at), xml.size());
    const std::string text = xml.substr(at, begin - at);
    if (!RE2::FullMatch(text, kText)) return "text: " + text;
    if (begin == xml.size()) break;
    end = xml.find('>', begin);
    if (end == std::string::npos) return "a tag without an end";
    const std::string tag = xml.substr(begin + 1, end - begin - 1);
    std::string closing, name, attributes, empty;
    if (!RE2::FullMatch(tag, kTag, &closing, &name, &attributes, &empty)) return "tag: " + tag;
    if (!RE2::FullMatch(attributes, kText)) return "attributes: " + attributes;
    if (!closing.empty()) {
      if (open.empty() || open.back() != name) return "closed but not open: " + name;
      open.pop_back();
    } else if (empty.empty()) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

TEST(DrawSvgTest, TheXmlCheckCanFail) {
  EXPECT_EQ(XmlMistake("<a x=\"1\"><b/>text &amp;</a>"), "");
  for (const char* bad : {"<a>", "<a></b>", "<a>&</a>", "<a>\x01</a>", "<a x=1></a>", "<a x=\"&\"></a>", "<a"}) {
    EXPECT_NE(XmlMistake(bad), "") << bad;
  }
}

TEST(DrawSvgTest, NamesAllOfThePlanOnAnOwnBackground) {
  const std::string svg = PlanToSvg(PlanOf(kTiny), nullptr);
  EXPECT_EQ(XmlMistake(svg), "");
  for (const char* text : {"tiny", "far", "Offset", "count", "Count, Source", "add", "sum", "list", "ToList, Collect",
                           "a: Number", "b: Number", "c: Number", "all: NumberList", "7 tokens", "join", "order"}) {
    EXPECT_THAT(svg, HasSubstr(absl::StrCat(">", text, "</text>")));
  }
  EXPECT_THAT(svg, HasSubstr("rx=\"8\" fill=\"#ffffff\""));
  EXPECT_THAT(svg, Not(HasSubstr("of the work")));
  EXPECT_EQ(svg, PlanToSvg(PlanOf(kTiny), nullptr));
}

TEST(DrawSvgTest, ColoursByShareOfTheWork) {
  const RunReport report = TinyReport();
  const std::string svg = PlanToSvg(PlanOf(kTiny), &report);
  EXPECT_EQ(XmlMistake(svg), "");
  EXPECT_THAT(svg, HasSubstr("75.0 % of the work, 3.00 s, 3 failed"));
  EXPECT_THAT(svg, HasSubstr("class=\"node\" fill=\"#ffa94d\""));
  EXPECT_THAT(svg, HasSubstr("class=\"node\" fill=\"#ffead3\""));
  EXPECT_THAT(svg, HasSubstr("class=\"node\" fill=\"#ffffff\""));
}

TEST(DrawSvgTest, EscapesWhatXmlCannotHold) {
  Plan plan = PlanOf(kTiny);
  plan.pipeline = "<a & \"b\"> \x01 \xff caf\xc3\xa9 \xe2\x82.";
  const std::string svg = PlanToSvg(plan, nullptr);
  EXPECT_EQ(XmlMistake(svg), "");
  EXPECT_THAT(svg, HasSubstr(">&lt;a &amp; &quot;b&quot;&gt; ? ? caf\xc3\xa9 ?"
                             "?.</text>"));
}

TEST(DrawSvgTest, SubgraphsStandInBoxes) {
  Plan plan = PlanOf(kTiny);
  for (PlannedNode& node : plan.nodes) {
    if (node.name != "count") node.name = "outer/inner/" + node.name;
  }
  const std::string svg = PlanToSvg(plan, nullptr);
  EXPECT_EQ(XmlMistake(svg), "");
  EXPECT_THAT(svg, HasSubstr(">outer</text>"));
  EXPECT_THAT(svg, HasSubstr(">inner/add</text>"));
  EXPECT_THAT(svg, HasSubstr("<title>outer/inner/add: Adds.</title>"));
}

struct Box {
  double left, top, width, height;
};

std::vector<Box> BoxesOf(const std::string& svg) {
  static const RE2 kRect(
      R"re(<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)" rx="\d+" class="(node|inserted|resource)")re");
  std::vector<Box> boxes;
  re2::StringPiece rest(svg);
  Box box{};
  while (RE2::FindAndConsume(&rest, kRect, &box.left, &box.top, &box.width, &box.height)) boxes.push_back(box);
  return boxes;
}

TEST(DrawSvgTest, RandomPlansHaveNoOverlap) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 60; ++trial) {
    std::string text = R"pb(resource { name: "far" type: "Offset" }
                            node { name: "n0" type: "Count" output: "s0" })pb";
    const int nodes = 1 + static_cast<int>(random() % 25);
    for (int i = 1; i <= nodes; ++i) {
      const auto stream = [&] { return absl::StrCat("s", random() % static_cast<unsigned>(i)); };
      const auto node = [&](const std::string& rest) {
        absl::StrAppend(&text, "node { name: \"n", i, "\" output: \"s", i, "\" ", rest, " }\n");
      };
      switch (random() % 4) {
        case 0: node(absl::StrFormat("type: 'Add' input: '%s' resource: 'far'", stream())); break;
        case 1: node(absl::StrFormat("type: 'Sum2' input: 'A:%s' input: 'B:%s'", stream(), stream())); break;
        case 2:
          node(absl::StrFormat("type: 'Sum2' input: 'A:%s' input: 'B:%s' input: 'C:%s'", stream(), stream(), stream()));
          break;
        default: node(absl::StrFormat("type: 'Pairwise' batch { size: 4 } input: '%s'", stream()));
      }
    }
    Plan plan = PlanOf(text);
    const size_t groups = random() % 3;
    for (PlannedNode& node : plan.nodes) {
      if (groups > 0 && random() % 2 == 0) node.name = absl::StrCat("group", random() % groups, "/", node.name);
    }
    const std::string svg = PlanToSvg(plan, nullptr);
    ASSERT_EQ(XmlMistake(svg), "");
    EXPECT_EQ(svg, PlanToSvg(plan, nullptr));
    for (int i = 0; i <= nodes; ++i) {
      EXPECT_THAT(svg, HasSubstr(absl::StrCat(">n", i, "</text>")));
      EXPECT_THAT(svg, HasSubstr(absl::StrCat(">s", i, ": Number</text>")));
    }
    const std::vector<Box> boxes = BoxesOf(svg);
    ASSERT_GT(boxes.size(), plan.nodes.size());
    for (size_t a = 0; a < boxes.size(); ++a) {
      for (size_t b = a + 1; b < boxes.size(); ++b) {
        const bool apart =
            boxes[a].left + boxes[a].width < boxes[b].left || boxes[b].left + boxes[b].width < boxes[a].left ||
            boxes[a].top + boxes[a].height < boxes[b].top || boxes[b].top + boxes[b].height < boxes[a].top;
        ASSERT_TRUE(apart) << "trial " << trial << ", boxes " << a << " and " << b;
      }
    }
  }
}

}  // namespace
}  // namespace diarflow
