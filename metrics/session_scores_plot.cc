#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metrics/plot_colours.h"
#include "metrics/session_scores.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"

namespace diarflow {
namespace {

constexpr double kWidth = 960, kBarLeft = 330, kBarRight = 880;
constexpr double kTop = 96, kRow = 26, kBar = 16, kHead = 44;
constexpr int kMaxNameCharacters = 46;

constexpr char kLight[] = R"(
  .interval { stroke: #1d2329; stroke-width: 1.4; }
)";
constexpr char kDark[] = R"(
    .interval { stroke: #e6eaee; }
)";

// Rows of one set and protocol stand together under a heading.
std::string HeadingOf(const SessionScores::Row& row) {
  return absl::StrCat(
      row.set(), ", ", row.sessions(), " sessions, ",
      row.protocol() == SessionScores::HONEST ? "diarization error rate" : "frame error in the session's order");
}

std::string Shortened(const std::string& name) {
  return name.size() <= kMaxNameCharacters ? name : absl::StrCat(name.substr(0, kMaxNameCharacters - 3), "...");
}

}  // namespace

std::string SessionScoresSvg(const SessionScores& scores) {
  double most = 0.5;
  int headings = 0;
  std::string heading;
  for (const SessionScores::Row& row : scores.row()) {
    most = std::max({most, row.rate(), row.high()});
    if (HeadingOf(row) == heading) continue;
    heading = HeadingOf(row);
    ++headings;
  }
  const double height = kTop + kRow * scores.row_size() + kHead * headings + 30;
  SvgDrawing svg(kWidth, height, "Scores of sessions", absl::StrCat(kLight, FillRules(/*dark=*/false)),
                 absl::StrCat(kDark, FillRules(/*dark=*/true)));
  svg.Text(24, 38, "title", "start", "Scores of sessions");
  svg.Text(24, 62, "subtitle", "start", "percent of what is to be found; lines: 95 % intervals");
  double legend = 420;
  for (const auto& [css_class, name] :
       {std::pair("missed", "missed"), std::pair("false-alarm", "false alarm"), std::pair("confusion", "confused")}) {
    svg.Rect(legend, 51, 12, 12, css_class);
    svg.Text(legend + 18, 62, "subtitle", "start", name);
    legend += 120;
  }
  const auto x = [most](double rate) { return kBarLeft + rate / most * (kBarRight - kBarLeft); };
  const Ticks ticks = RoundTicks(0, 100 * most, 6);
  double y = kTop;
  heading.clear();
  for (const SessionScores::Row& row : scores.row()) {
    if (HeadingOf(row) != heading) {
      heading = HeadingOf(row);
      y += kHead;
      svg.Text(24, y - 18, "heading", "start", SvgText(heading));
      for (size_t i = 0; i < ticks.values.size(); ++i) {
        svg.Text(x(ticks.values[i] / 100), y - 3, "tick", "middle", ticks.labels[i]);
      }
    }
    const double top = y + (kRow - kBar) / 2;
    for (const double value : ticks.values) svg.Line(x(value / 100), y, x(value / 100), y + kRow, "grid");
    svg.Text(kBarLeft - 8, top + 13, row.trivial() ? "tick" : "label", "end", SvgText(Shortened(row.system())));
    double from = 0;
    for (const auto& [css_class, share] :
         {std::pair("missed", row.missed()), std::pair("false-alarm", row.false_alarm()),
          std::pair("confusion", row.confusion())}) {
      svg.Rect(x(from), top, x(from + share) - x(from), kBar, css_class);
      from += share;
    }
    if (row.has_low()) {
      svg.Line(x(row.low()), top + kBar / 2, x(row.high()), top + kBar / 2, "interval");
      for (const double end : {row.low(), row.high()}) svg.Line(x(end), top + 3, x(end), top + kBar - 3, "interval");
    }
    svg.Text(kWidth - 20, top + 13, "label", "end", absl::StrFormat("%.2f", 100 * row.rate()));
    y += kRow;
  }
  return std::move(svg).Finish();
}

}  // namespace diarflow
