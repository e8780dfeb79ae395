#include "metrics/score_plot.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "metrics/normal.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"

namespace diarflow {
namespace {

constexpr double kWidth = 1080;
constexpr double kPanelTop = 128;
constexpr double kPanelHeight = 400;
constexpr double kLegendTop = kPanelTop + kPanelHeight + 78;
constexpr double kLegendRow = 22;
constexpr int kMaxNameCharacters = 40;

constexpr absl::string_view kLightStyle = R"(
  .equal { stroke: #aab2bb; stroke-width: 1; stroke-dasharray: 2 4; }
  .threshold { stroke: #1d2329; stroke-width: 1.5; stroke-dasharray: 5 4; }
  .target { fill: #0a6ebd; fill-opacity: 0.28; stroke: #0a6ebd; stroke-width: 1.6; stroke-linejoin: round; }
  .nontarget { fill: #d45a07; fill-opacity: 0.28; stroke: #d45a07; stroke-width: 1.6; stroke-linejoin: round; }
  .system { fill: none; stroke: #6a3fb5; stroke-width: 2.2; stroke-linejoin: round; }
  .other0, .other1, .other2, .other3 { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
  .other0 { stroke: #0b7a4b; stroke-dasharray: 9 3; }
  .other1 { stroke: #a8620a; stroke-dasharray: 2 3; }
  .other2 { stroke: #b3266a; stroke-dasharray: 9 3 2 3; }
  .other3 { stroke: #737d88; stroke-dasharray: 5 5; }
  .mark { fill: #6a3fb5; stroke: #ffffff; stroke-width: 1.5; }
  .othermark { fill: #737d88; stroke: #ffffff; stroke-width: 1.5; }
)";

constexpr absl::string_view kDarkStyle = R"(
    .equal { stroke: #56606b; }
    .threshold { stroke: #e6eaee; }
    .target { fill: #58b0f2; stroke: #58b0f2; }
    .nontarget { fill: #f79a58; stroke: #f79a58; }
    .system { stroke: #c09bff; }
    .other0 { stroke: #4fc08d; }
    .other1 { stroke: #e0a458; }
    .other2 { stroke: #f07ab0; }
    .other3 { stroke: #8d98a4; }
    .mark { fill: #c09bff; stroke: #15191e; }
    .othermark { fill: #8d98a4; stroke: #15191e; }
)";

std::string Percent(double rate) { return absl::StrFormat("%.2f\u2009%%", 100 * rate); }

// A straight axis: values from `low` to `high` are drawn between two coordinates.
struct Axis {
  double low = 0, high = 1;
  double from = 0, to = 1;
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

struct Panel {
  Axis x, y;
};

// SvgDrawing with what panels and marks are made of.
class Drawing : public SvgDrawing {
 public:
  using SvgDrawing::SvgDrawing;

  void Frame(const Panel& panel) {
    Rect(panel.x.from, panel.y.to, panel.x.to - panel.x.from, panel.y.from - panel.y.to, "frame");
  }

  void TickX(const Panel& panel, double value, absl::string_view label) {
    const double x = panel.x(value);
    Line(x, panel.y.from, x, panel.y.to, "grid");
    Text(x, panel.y.from + 19, "tick", "middle", label);
  }

  void TickY(const Panel& panel, double value, absl::string_view label) {
    const double y = panel.y(value);
    Line(panel.x.from, y, panel.x.to, y, "grid");
    Text(panel.x.from - 8, y + 4, "tick", "end", label);
  }

  void Titles(const Panel& panel, absl::string_view heading, absl::string_view x_title, absl::string_view y_title) {
    Text(panel.x.from, panel.y.to - 14, "heading", "start", heading);
    Text(0.5 * (panel.x.from + panel.x.to), panel.y.from + 44, "label", "middle", x_title);
    Add(absl::StrCat("<text transform=\"translate(", SvgNumber(panel.x.from - 46), " ",
                     SvgNumber(0.5 * (panel.y.from + panel.y.to)),
                     ") rotate(-90)\" class=\"label\" text-anchor=\"middle\">", y_title, "</text>"));
  }

  // A marked point: a circle for the equal error rate, a square on its corner or a triangle for detection costs.
  void Mark(double x, double y, int shape, absl::string_view css_class) {
    const auto at = [x, y](double dx, double dy) { return absl::StrCat(SvgNumber(x + dx), " ", SvgNumber(y + dy)); };
    if (shape == 0) {
      Add(absl::StrCat("<circle cx=\"", SvgNumber(x), "\" cy=\"", SvgNumber(y), "\" r=\"5.5\" class=\"", css_class,
                       "\"/>"));
    } else if (shape % 2 == 1) {
      Add(absl::StrCat("<path d=\"M", at(0, -7), "L", at(7, 0), "L", at(0, 7), "L", at(-7, 0), "Z\" class=\"",
                       css_class, "\"/>"));
    } else {
      Add(absl::StrCat("<path d=\"M", at(0, -7), "L", at(6.5, 5), "L", at(-6.5, 5), "Z\" class=\"", css_class, "\"/>"));
    }
  }
};

// Bin i holds the scores with floor(score / width) = first + i.
struct Bins {
  double first = 0;
  double width = 0;
  int count = 0;

  double Edge(size_t i) const { return (first + static_cast<double>(i)) * width; }
};

Bins ChooseBins(const ScoreStatistics& statistics) {
  const auto smaller = static_cast<double>(std::min(statistics.target.count, statistics.nontarget.count));
  const double wanted = std::min(90.0, std::max(12.0, 2 * std::sqrt(smaller)));
  double range = statistics.max - statistics.min;
  // Scores that are all equal, but for rounding, make one bar in the middle.
  const double magnitude = std::max({1.0, std::abs(statistics.min), std::abs(statistics.max)});
  if (range < 1e-9 * magnitude) range = magnitude;
  Bins bins;
  bins.width = RoundStep(range / wanted);
  bins.first = std::floor(statistics.min / bins.width) - 1;
  bins.count = static_cast<int>(std::floor(statistics.max / bins.width) + 1 - bins.first) + 1;
  return bins;
}

std::vector<double> Density(const std::vector<double>& scores, const Bins& bins) {
  std::vector<double> density(static_cast<size_t>(bins.count), 0);
  for (double score : scores) {
    density[static_cast<size_t>(std::floor(score / bins.width) - bins.first)] += 1;
  }
  for (double& value : density) value /= bins.width * static_cast<double>(scores.size());
  return density;
}

std::string StepPath(const std::vector<double>& density, const Bins& bins, const Panel& panel) {
  std::string path = absl::StrCat("M", SvgNumber(panel.x(bins.Edge(0))), " ", SvgNumber(panel.y(0)));
  for (size_t i = 0; i < density.size(); ++i) {
    absl::StrAppend(&path, "V", SvgNumber(panel.y(density[i])), "H", SvgNumber(panel.x(bins.Edge(i + 1))));
  }
  return absl::StrCat(path, "V", SvgNumber(panel.y(0)), "Z");
}

void DrawHistograms(const ScorePlotSystem& system, const ScoreStatistics& statistics, double threshold,
                    Drawing* drawing) {
  const Bins bins = ChooseBins(statistics);
  const std::vector<double> target = Density(system.scores.target, bins);
  const std::vector<double> nontarget = Density(system.scores.nontarget, bins);
  const double top = 1.06 * std::max(*std::max_element(target.begin(), target.end()),
                                     *std::max_element(nontarget.begin(), nontarget.end()));
  const Panel panel = {{bins.Edge(0), bins.Edge(target.size()), 80, 520},
                       {0, top, kPanelTop + kPanelHeight, kPanelTop}};
  const Ticks x_ticks = RoundTicks(panel.x.low, panel.x.high, 8);
  for (size_t i = 0; i < x_ticks.values.size(); ++i) drawing->TickX(panel, x_ticks.values[i], x_ticks.labels[i]);
  const Ticks y_ticks = RoundTicks(0, top, 6);
  for (size_t i = 0; i < y_ticks.values.size(); ++i) drawing->TickY(panel, y_ticks.values[i], y_ticks.labels[i]);
  drawing->Add(absl::StrCat("<path class=\"nontarget\" d=\"", StepPath(nontarget, bins, panel), "\"/>"));
  drawing->Add(absl::StrCat("<path class=\"target\" d=\"", StepPath(target, bins, panel), "\"/>"));
  drawing->Line(panel.x(threshold), panel.y.from, panel.x(threshold), panel.y.to, "threshold");
  drawing->Frame(panel);
  drawing->Titles(panel, "Scores", "score", "density");

  double y = kLegendTop;
  const auto row = [&](absl::string_view css_class, absl::string_view name, const ScoreSummary& summary) {
    drawing->Rect(80, y - 11, 26, 12, css_class);
    drawing->Text(118, y, "label", "start",
                  absl::StrFormat("%s: %s trials, mean %.4g, from %.4g to %.4g", name, GroupedDigits(summary.count),
                                  summary.mean, summary.min, summary.max));
    y += kLegendRow;
  };
  row("target", "target", statistics.target);
  row("nontarget", "non-target", statistics.nontarget);
  drawing->Line(80, y - 5, 106, y - 5, "threshold");
  drawing->Text(118, y, "label", "start", absl::StrFormat("threshold of the equal error rate: %.4g", threshold));
}

struct DetSystem {
  std::string name;
  DetCurve curve;
  EqualError equal_error;
};

absl::StatusOr<DetSystem> MakeDetSystem(const ScorePlotSystem& system) {
  ASSIGN_OR_RETURN(DetCurve curve, DetCurve::Create(system.scores));
  const EqualError equal_error = curve.FindEqualError();
  return DetSystem{SvgText(system.name, kMaxNameCharacters), std::move(curve), equal_error};
}

// Labelled rates of the axes.
constexpr double kRates[] = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                             0.2,    0.4,    0.6,    0.8,   0.9,   0.95,  0.98, 0.99, 0.995};

// Both axes from the highest labelled rate below everything worth seeing to the lowest above it: the points, and the
// curves for some way on either side of their equal error rates.
Panel DetPanel(const std::vector<double>& equal_error_rates, const std::vector<double>& rates) {
  double low = 0.01;
  double high = 0.4;
  for (double rate : equal_error_rates) {
    if (rate <= 0 || rate >= 1) continue;
    low = std::min(low, NormalCdf(NormalQuantile(rate) - 1.3));
    high = std::max(high, NormalCdf(NormalQuantile(rate) + 1.3));
  }
  for (double rate : rates) {
    if (rate <= 0 || rate >= 1) continue;
    low = std::min(low, 0.7 * rate);
    high = std::max(high, 1 - 0.9 * (1 - rate));
  }
  double first = kRates[0];
  double last = kRates[std::size(kRates) - 1];
  for (double rate : kRates) {
    if (rate <= low) first = rate;
    if (rate >= high) last = std::min(last, rate);
  }
  const Axis deviates = {NormalQuantile(first), NormalQuantile(last), 0, 1};
  Panel panel = {deviates, deviates};
  panel.x.from = 636;
  panel.x.to = 1036;
  panel.y.from = kPanelTop + kPanelHeight;
  panel.y.to = kPanelTop;
  return panel;
}

// A rate on an axis; rates beyond the ends by `margin` deviates at most.
double Deviate(const Axis& axis, double rate, double margin) {
  const double deviate = NormalQuantile(std::min(1 - 1e-15, std::max(1e-15, rate)));
  return std::clamp(deviate, axis.low - margin, axis.high + margin);
}

// Points nearer than a third of a pixel to the last one drawn are left out. A segment that is slanted on the ROC
// (scores that are equal in both classes) is a curve here, and long ones are drawn in pieces.
std::string DetPath(const DetCurve& curve, const Panel& panel) {
  std::string path;
  double last_x = -1e9;
  double last_y = -1e9;
  const auto add = [&](double far, double frr, bool always) {
    const double x = panel.x(Deviate(panel.x, far, 0.5));
    const double y = panel.y(Deviate(panel.y, frr, 0.5));
    if (!always && std::abs(x - last_x) < 0.34 && std::abs(y - last_y) < 0.34) return;
    absl::StrAppend(&path, path.empty() ? "M" : "L", SvgNumber(x), " ", SvgNumber(y));
    last_x = x;
    last_y = y;
  };
  const std::vector<DetPoint>& points = curve.points();
  add(points[0].false_accept_rate, points[0].false_reject_rate, true);
  for (size_t i = 1; i < points.size(); ++i) {
    const double far = points[i - 1].false_accept_rate;
    const double frr = points[i - 1].false_reject_rate;
    const double far_step = points[i].false_accept_rate - far;
    const double frr_step = points[i].false_reject_rate - frr;
    const int pieces =
        far_step > 0 && frr_step < 0 ? 1 + static_cast<int>(200 * std::min(0.5, far_step - frr_step)) : 1;
    for (int k = 1; k < pieces; ++k) {
      // Closer together towards the ends, where rates near 0 and 1 are spread out.
      const double share = 0.5 - 0.5 * std::cos(std::acos(-1.0) * k / pieces);
      add(far + share * far_step, frr + share * frr_step, false);
    }
    add(points[i].false_accept_rate, points[i].false_reject_rate, i + 1 == points.size());
  }
  return path;
}

void DrawDetAxes(const Panel& panel, Drawing* drawing) {
  double last_x = -1e9;
  for (double rate : kRates) {
    const double deviate = NormalQuantile(rate);
    // Labels keep their distance; the ends have one.
    const bool inside = deviate >= panel.x.low - 1e-9 && deviate <= panel.x.high + 1e-9;
    const double x = panel.x(deviate);
    const bool is_end = std::abs(x - panel.x.to) < 1e-6;
    if (!inside || x - last_x < 27 || (!is_end && panel.x.to - x < 27)) continue;
    last_x = x;
    const std::string label = absl::StrFormat("%g", 100 * rate);
    drawing->TickX(panel, deviate, label);
    drawing->TickY(panel, deviate, label);
  }
  drawing->Line(panel.x.from, panel.y.from, panel.x.to, panel.y.to, "equal");
}

// Further systems than there are styles take them from the start.
std::string OtherClass(size_t index) { return absl::StrCat("other", index % 4); }

// The marked points, each with its row in the legend.
void DrawDetPoints(const Panel& panel, const DetSystem& system, const std::vector<DetSystem>& others,
                   const std::vector<MinDcfPoint>& costs, const std::vector<DetectionCostModel>& models,
                   Drawing* drawing) {
  double legend_y = kLegendTop;
  const auto row = [&](absl::string_view escaped) {
    drawing->Text(674, legend_y, "label", "start", escaped);
    legend_y += kLegendRow;
  };
  const auto mark = [&](double far, double frr, int shape, absl::string_view css_class) {
    drawing->Mark(panel.x(Deviate(panel.x, far, 0)), panel.y(Deviate(panel.y, frr, 0)), shape, css_class);
    drawing->Mark(649, legend_y - 5, shape, css_class);
  };
  const auto equal_error = [&](const DetSystem& drawn, absl::string_view css_class, absl::string_view mark_class) {
    drawing->Line(636, legend_y - 5, 662, legend_y - 5, css_class);
    mark(drawn.equal_error.rate, drawn.equal_error.rate, 0, mark_class);
    row(absl::StrCat(drawn.name, ": EER ", Percent(drawn.equal_error.rate)));
  };
  equal_error(system, "system", "mark");
  for (size_t i = 0; i < others.size(); ++i) equal_error(others[i], OtherClass(i), "othermark");
  for (size_t i = 0; i < costs.size(); ++i) {
    const DetPoint& point = costs[i].point;
    mark(point.false_accept_rate, point.false_reject_rate, static_cast<int>(i) + 1, "mark");
    row(absl::StrFormat("minDCF(%g) %.3f at FAR %s, FRR %s", models[i].p_target, costs[i].cost,
                        Percent(point.false_accept_rate), Percent(point.false_reject_rate)));
  }
}

void DrawDet(const DetSystem& system, const std::vector<DetSystem>& others, const std::vector<MinDcfPoint>& costs,
             const std::vector<DetectionCostModel>& models, Drawing* drawing) {
  std::vector<double> equal_error_rates = {system.equal_error.rate};
  for (const DetSystem& other : others) equal_error_rates.push_back(other.equal_error.rate);
  std::vector<double> rates;
  for (const MinDcfPoint& cost : costs) {
    rates.push_back(cost.point.false_accept_rate);
    rates.push_back(cost.point.false_reject_rate);
  }
  const Panel panel = DetPanel(equal_error_rates, rates);
  DrawDetAxes(panel, drawing);
  drawing->Add(absl::StrCat("<clipPath id=\"det\"><rect x=\"", SvgNumber(panel.x.from), "\" y=\"",
                            SvgNumber(panel.y.to), "\" width=\"", SvgNumber(panel.x.to - panel.x.from), "\" height=\"",
                            SvgNumber(panel.y.from - panel.y.to), "\"/></clipPath>"));
  const auto curve = [&](const DetSystem& drawn, absl::string_view css_class) {
    drawing->Add(absl::StrCat("<path clip-path=\"url(#det)\" class=\"", css_class, "\" d=\"",
                              DetPath(drawn.curve, panel), "\"/>"));
  };
  for (size_t i = 0; i < others.size(); ++i) curve(others[i], OtherClass(i));
  curve(system, "system");
  drawing->Frame(panel);
  drawing->Titles(panel, "Detection error trade-off", "false-accept rate (%)", "false-reject rate (%)");
  DrawDetPoints(panel, system, others, costs, models, drawing);
}

}  // namespace

absl::StatusOr<std::string> ScorePlotSvg(const ScorePlot& plot) {
  ASSIGN_OR_RETURN(const ScoreStatistics statistics, ComputeScoreStatistics(plot.system.scores));
  if (std::isinf(statistics.min) || std::isinf(statistics.max)) {
    return absl::InvalidArgumentError("a score is infinite: it has no place in a histogram");
  }
  ASSIGN_OR_RETURN(const DetSystem system, MakeDetSystem(plot.system));
  std::vector<DetSystem> others;
  for (const ScorePlotSystem& other : plot.others) {
    ASSIGN_OR_RETURN(DetSystem drawn, MakeDetSystem(other));
    others.push_back(std::move(drawn));
  }
  std::vector<MinDcfPoint> costs;
  for (const DetectionCostModel& model : plot.cost_models) {
    ASSIGN_OR_RETURN(const MinDcfPoint cost, system.curve.FindMinDcf(model));
    costs.push_back(cost);
  }
  const size_t rows = std::max<size_t>(3, 1 + others.size() + costs.size());
  Drawing drawing(kWidth, kLegendTop + kLegendRow * static_cast<double>(rows) + 6, plot.title, kLightStyle, kDarkStyle);
  drawing.Text(34, 46, "title", "start", SvgText(plot.title, 90));
  drawing.Text(34, 72, "subtitle", "start", SvgText(plot.subtitle, 140));
  DrawHistograms(plot.system, statistics, system.equal_error.threshold, &drawing);
  DrawDet(system, others, costs, plot.cost_models, &drawing);
  return std::move(drawing).Finish();
}

}  // namespace diarflow
