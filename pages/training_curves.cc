#include "pages/training_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"

namespace diarflow {
namespace {

constexpr double kWidth = 900, kLeft = 84, kRight = 24;
constexpr double kTop = 64, kPanel = 180, kGap = 66;
constexpr int kTicksAcross = 8, kTicksUp = 5;

constexpr char kLight[] = R"(
  .curve { fill: none; stroke: #0a6ebd; stroke-width: 2; stroke-linejoin: round; }
  .mark { fill: #d45a07; }
)";
constexpr char kDark[] = R"(
    .curve { stroke: #58b0f2; }
    .mark { fill: #f79a58; }
)";

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // With some width, whatever it holds.
  Range Opened() const {
    if (!(low <= high)) return {0, 1};
    if (low < high) return *this;
    const double around = std::max(std::abs(low) / 10, 1e-9);
    return {low - around, high + around};
  }
};

}  // namespace

std::string TrainingCurvesSvg(const std::vector<TrainingCurve>& curves) {
  Range all;
  for (const TrainingCurve& curve : curves) {
    for (const auto& [updates, value] : curve.points) {
      if (std::isfinite(updates)) all.Add(updates);
    }
  }
  const Range across = all.Opened();
  const double height = kTop + static_cast<double>(std::max<size_t>(1, curves.size())) * (kPanel + kGap);
  SvgDrawing drawing(kWidth, height, "A training", kLight, kDark);
  drawing.Text(kLeft, 34, "title", "start", "A training");
  double top = kTop;
  for (const TrainingCurve& curve : curves) {
    Range values;
    for (const auto& [updates, value] : curve.points) {
      if (std::isfinite(value)) values.Add(value);
    }
    const Range up = values.Opened();
    const double bottom = top + kPanel;
    const auto x = [&](double updates) {
      return kLeft + (updates - across.low) / (across.high - across.low) * (kWidth - kLeft - kRight);
    };
    const auto y = [&](double value) { return bottom - (value - up.low) / (up.high - up.low) * kPanel; };
    drawing.Text(kLeft, top - 8, "heading", "start", SvgText(curve.name));
    const Ticks along = RoundTicks(across.low, across.high, kTicksAcross);
    for (size_t i = 0; i < along.values.size(); ++i) {
      drawing.Line(x(along.values[i]), top, x(along.values[i]), bottom, "grid");
      drawing.Text(x(along.values[i]), bottom + 18, "tick", "middle", along.labels[i]);
    }
    const Ticks beside = RoundTicks(up.low, up.high, kTicksUp);
    for (size_t i = 0; i < beside.values.size(); ++i) {
      drawing.Line(kLeft, y(beside.values[i]), kWidth - kRight, y(beside.values[i]), "grid");
      drawing.Text(kLeft - 8, y(beside.values[i]) + 4, "tick", "end", beside.labels[i]);
    }
    drawing.Rect(kLeft, top, kWidth - kLeft - kRight, kPanel, "frame");
    std::string line;
    for (const auto& [updates, value] : curve.points) {
      if (!std::isfinite(updates) || !std::isfinite(value)) continue;
      absl::StrAppend(&line, line.empty() ? "" : " ", SvgNumber(x(updates)), ",", SvgNumber(y(value)));
      if (value == values.low) {
        drawing.Add(absl::StrFormat("<circle class=\"mark\" cx=\"%s\" cy=\"%s\" r=\"4\"><title>%.6g</title></circle>",
                                    SvgNumber(x(updates)), SvgNumber(y(value)), value));
      }
    }
    if (!line.empty()) drawing.Add(absl::StrCat("<polyline class=\"curve\" points=\"", line, "\"/>"));
    top = bottom + kGap;
  }
  drawing.Text(kWidth - kRight, height - 12, "label", "end", "updates");
  return std::move(drawing).Finish();
}

}  // namespace diarflow
