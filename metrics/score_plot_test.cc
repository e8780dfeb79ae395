#include "metrics/score_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/normal.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What makes XML well-formed, as far as an SVG without comments and declarations goes: one root, tags that match,
// quoted attributes without doubles, known entities. Returns what is wrong, or "".
std::string XmlError(absl::string_view xml) {
  static const RE2* const text = new RE2(R"(((?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+);)*))");
  static const RE2* const tag =
      new RE2(R"(<(/?)([a-zA-Z]+)((?:\s+[a-zA-Z][a-zA-Z0-9:_-]*="(?:[^<&"]|&(?:amp|lt|gt|quot);)*")*)\s*(/?)>)");
  static const RE2* const attribute = new RE2(R"(\s+([a-zA-Z][a-zA-Z0-9:_-]*)="[^"]*")");
  re2::StringPiece rest(xml.data(), xml.size());
  std::vector<std::string> open;
  int roots = 0;
  while (true) {
    std::string content;
    RE2::Consume(&rest, *text, &content);
    if (open.empty() && content.find_first_not_of(" \n") != std::string::npos)
      return "text outside the root: " + content;
    if (rest.empty()) break;
    std::string closing, name, attributes, empty;
    if (!RE2::Consume(&rest, *tag, &closing, &name, &attributes, &empty)) {
      return "bad markup at: " + std::string(rest.substr(0, 60));
    }
    re2::StringPiece left(attributes);
    std::vector<std::string> names;
    for (std::string found; RE2::Consume(&left, *attribute, &found);) names.push_back(found);
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) return "an attribute twice in " + name;
    if (!closing.empty()) {
      if (open.empty() || open.back() != name) return "closes " + name;
      open.pop_back();
      continue;
    }
    if (open.empty() && ++roots > 1) return "a second root";
    if (empty.empty()) open.push_back(name);
  }
  if (!open.empty()) return "left open: " + open.back();
  return roots == 1 ? "" : "no root";
}

TEST(XmlErrorTest, CanFail) {
  EXPECT_EQ(XmlError("<a b=\"1\" c=\"&lt;\"><d/>x &amp; y</a>\n"), "");
  for (const char* bad : {"", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a>&</a>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>",
                          "<a>x<y</a>", "x<a/>", "<a b=\"<\"/>", "<a>&nbsp;</a>"}) {
    EXPECT_NE(XmlError(bad), "") << bad;
  }
}

VerificationScores Gaussians(double distance, int num_target, int num_nontarget) {
  VerificationScores scores;
  for (int i = 0; i < num_target; ++i) scores.target.push_back(distance + NormalQuantile((i + 0.5) / num_target));
  for (int i = 0; i < num_nontarget; ++i) scores.nontarget.push_back(NormalQuantile((i + 0.5) / num_nontarget));
  return scores;
}

std::string Svg(const ScorePlot& plot) {
  const absl::StatusOr<std::string> svg = ScorePlotSvg(plot);
  EXPECT_OK(svg);
  return svg.value_or("");
}

ScorePlot GaussianPlot() {
  ScorePlot plot;
  plot.title = "Baseline";
  plot.subtitle = "351 utterances";
  plot.system = {"codec", Gaussians(2, 4000, 40000)};
  plot.others = {ScorePlotSystem{"log-mel", Gaussians(1, 2000, 3000)}};
  return plot;
}

// The `d` of the first path of a class.
std::string PathOf(const std::string& svg, const std::string& css_class) {
  std::string path;
  EXPECT_TRUE(RE2::PartialMatch(svg, absl::StrCat("<path[^>]*class=\"", css_class, "\"[^>]* d=\"([^\"]*)\""), &path));
  return path;
}

std::vector<std::pair<double, double>> PointsOf(const std::string& path) {
  std::vector<std::pair<double, double>> points;
  re2::StringPiece rest(path);
  for (double x, y; RE2::FindAndConsume(&rest, R"([ML](-?[\d.]+) (-?[\d.]+))", &x, &y);) points.emplace_back(x, y);
  return points;
}

// Where the equal error rate is marked on the first curve.
std::pair<double, double> MarkOf(const std::string& svg) {
  std::pair<double, double> mark;
  EXPECT_TRUE(RE2::PartialMatch(svg, R"re(<circle cx="([\d.]+)" cy="([\d.]+)")re", &mark.first, &mark.second));
  return mark;
}

TEST(ScorePlotTest, IsWellFormedAloneAndTheSameEveryTime) {
  const std::string svg = Svg(GaussianPlot());
  EXPECT_EQ(XmlError(svg), "");
  EXPECT_EQ(svg, Svg(GaussianPlot()));
  for (const char* words :
       {"Baseline", "351 utterances", "codec: EER 15.87", "log-mel: EER 30.85", "target: 4,000 trials",
        "non-target: 40,000 trials", "minDCF(0.01)", "minDCF(0.05)", "prefers-color-scheme: dark"}) {
    EXPECT_THAT(svg, HasSubstr(words));
  }
  for (const char* words : {"nan", "inf", "script", "url(http", "href", "@import"}) {
    EXPECT_THAT(svg, Not(HasSubstr(words)));
  }
  EXPECT_THAT(svg.substr(svg.find("http") + 4), Not(HasSubstr("http")));  // the namespace only
}

TEST(ScorePlotTest, HistogramsHaveEqualAreas) {
  const std::string svg = Svg(GaussianPlot());
  const auto area = [&svg](const std::string& css_class) {
    const std::string path = PathOf(svg, css_class);
    re2::StringPiece rest(path);
    double x = 0, base = 0, sum = 0;
    EXPECT_TRUE(RE2::Consume(&rest, R"(M([\d.]+) ([\d.]+))", &x, &base));
    for (double top, next; RE2::Consume(&rest, R"(V([\d.]+)H([\d.]+))", &top, &next); x = next) {
      sum += (base - top) * (next - x);
    }
    EXPECT_EQ(x, 520);
    return sum;
  };
  EXPECT_GT(area("target"), 10000);
  EXPECT_NEAR(area("target") / area("nontarget"), 1, 0.01);
}

TEST(ScorePlotTest, GaussianScoresMakeAStraightLineThroughTheMark) {
  ScorePlot plot;
  plot.system = {"codec", Gaussians(2, 40000, 40000)};
  const std::string svg = Svg(plot);
  const auto [mark_x, mark_y] = MarkOf(svg);
  // On the diagonal of the square.
  EXPECT_NEAR(mark_x - 636, 528 - mark_y, 0.02);
  int inside = 0;
  for (const auto& [x, y] : PointsOf(PathOf(svg, "system"))) {
    if (x < 666 || x > 1006 || y < 158 || y > 498) continue;
    ++inside;
    EXPECT_NEAR(x + (528 - y) - 636, 2 * (mark_x - 636), 4);
  }
  EXPECT_GT(inside, 100);
}

TEST(ScorePlotTest, TheMarkLiesOnTheCurveAlsoAcrossTies) {
  for (const VerificationScores& scores :
       {VerificationScores{{1, 2, 3}, {0, 0.5, 1}}, VerificationScores{{1, 1}, {1, 1, 1}},
        VerificationScores{{1, 2, 2, 3}, {2, 2, 3, 0}}}) {
    ScorePlot plot;
    plot.system = {"ties", scores};
    const std::string svg = Svg(plot);
    EXPECT_EQ(XmlError(svg), "");
    const auto [mark_x, mark_y] = MarkOf(svg);
    double nearest = 1e9;
    for (const auto& [x, y] : PointsOf(PathOf(svg, "system"))) {
      nearest = std::min(nearest, std::hypot(x - mark_x, y - mark_y));
    }
    EXPECT_LT(nearest, 3);
  }
}

TEST(ScorePlotTest, StrangeScoresAndNames) {
  const std::vector<VerificationScores> lists = {
      {{2, 3}, {0, 1}},                  // no error
      {{0, 1}, {2, 3}},                  // upside down
      {{1e300, -1e300}, {1e299, 5}},     // wide
      {{1e-9, 2e-9}, {0, 1e-9}},         // narrow
      {{7}, {7}},                        // one value
      {{1e6, 1e6 + 1}, {1e6 - 1, 1e6}},  // far away
      {{-0.2}, {-0.5}},
  };
  for (const VerificationScores& scores : lists) {
    ScorePlot plot;
    plot.title = "<Title> & \"more\" \xff";
    plot.system = {"a<b>&c\x01", scores};
    plot.others = {ScorePlotSystem{std::string(500, 'x'), {{1}, {0}}}};
    plot.cost_models = {{0.5, 1, 1}, {0.01, 10, 1}, {0.99, 1, 100}};
    const std::string svg = Svg(plot);
    EXPECT_EQ(XmlError(svg), "");
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
    EXPECT_THAT(svg, HasSubstr("a&lt;b&gt;&amp;c"));
    EXPECT_THAT(svg, Not(HasSubstr(std::string(41, 'x'))));
  }
}

TEST(ScorePlotTest, ManyTrialsMakeASmallFile) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  ScorePlot plot;
  for (int i = 0; i < 100000; ++i) {
    plot.system.scores.target.push_back(normal(random) + 1);
    plot.system.scores.nontarget.push_back(normal(random));
  }
  EXPECT_LT(Svg(plot).size(), 100000u);
}

TEST(ScorePlotTest, BadInput) {
  ScorePlot plot;
  EXPECT_THAT(ScorePlotSvg(plot), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no target trial")));
  plot.system.scores = {{std::numeric_limits<double>::infinity()}, {0}};
  EXPECT_THAT(ScorePlotSvg(plot), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("infinite")));
  plot.system.scores = {{1}, {0}};
  plot.others = {ScorePlotSystem{"reference", {{1}, {}}}};
  EXPECT_THAT(ScorePlotSvg(plot), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no non-target trial")));
  plot.others.clear();
  plot.cost_models = {{0, 1, 1}};
  EXPECT_THAT(ScorePlotSvg(plot), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("prior")));
}

}  // namespace
}  // namespace diarflow
