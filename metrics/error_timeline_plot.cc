#include "metrics/error_timeline_plot.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "metrics/der.h"
#include "metrics/der_timeline.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"

namespace diarflow {
namespace {

constexpr double kWidth = 1240;
constexpr double kLeft = 150;
constexpr double kRight = 1150;
constexpr double kHeadHeight = 50;
constexpr double kLaneHeight = 18;
constexpr double kGap = 8;
constexpr double kAxisHeight = 52;
constexpr int kNameCharacters = 16;
constexpr size_t kColours = 8;

constexpr absl::string_view kLightStyle = R"(
  .scored { fill: #eef2f6; }
  .rule { stroke: #c6cdd4; stroke-width: 1; }
  .speaker0 { fill: #0a6ebd; } .speaker1 { fill: #d45a07; } .speaker2 { fill: #0b7a4b; } .speaker3 { fill: #6a3fb5; }
  .speaker4 { fill: #b3266a; } .speaker5 { fill: #8a6d00; } .speaker6 { fill: #0e7c86; } .speaker7 { fill: #7a4a2b; }
  .unmapped { fill: #8d98a4; }
  .missed { fill: #b35900; }
  .false-alarm { fill: #1c7ed6; }
  .confusion { fill: #c2255c; }
)";

constexpr absl::string_view kDarkStyle = R"(
    .scored { fill: #20262d; }
    .rule { stroke: #424b55; }
    .speaker0 { fill: #58b0f2; } .speaker1 { fill: #f79a58; } .speaker2 { fill: #4fc08d; } .speaker3 { fill: #c09bff; }
    .speaker4 { fill: #f07ab0; } .speaker5 { fill: #d9bd4a; } .speaker6 { fill: #52c7d1; } .speaker7 { fill: #c99a78; }
    .unmapped { fill: #76818c; }
    .missed { fill: #ffa94d; }
    .false-alarm { fill: #74c0fc; }
    .confusion { fill: #faa2c1; }
)";

// Seconds without trailing zeros, exact.
std::string Exact(int64_t microseconds) {
  std::string text =
      absl::StrFormat("%d.%06d", microseconds / kMicrosecondsPerSecond, microseconds % kMicrosecondsPerSecond);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Seconds(int64_t microseconds) {
  return absl::StrFormat("%.2f\u2009s", static_cast<double>(microseconds) / kMicrosecondsPerSecond);
}

// A rectangle of the path language, `top` and `height` in pixels.
void AppendMark(const TimeSpan& span, double top, double height, std::string* path) {
  const std::string start = Exact(span.start);
  absl::StrAppend(path, "M", start, ",", SvgNumber(top), "h", Exact(span.length()), "v", SvgNumber(height), "H", start,
                  "z");
}

struct Scored {
  FileDer der;
  ScoredTimeline timeline;
  // Hypothesis speakers from top to bottom, and each one's reference speaker (-1: none).
  std::vector<int> hypothesis_rows;
  std::vector<int> reference_of;
  TimeSpan extent;
  double row_height = 0;
};

// Rows are as high as fits a name, lower when there are many.
double RowHeight(size_t speakers) {
  return std::clamp(160.0 / std::max<double>(1, static_cast<double>(speakers)), 2.0, 13.0);
}

absl::StatusOr<Scored> Score(const RecordingPair& pair, const DerOptions& options) {
  Scored scored;
  ASSIGN_OR_RETURN(scored.der, ScoreDer(pair.reference, pair.hypothesis, pair.region, options));
  ASSIGN_OR_RETURN(scored.timeline, BuildDerTimeline(pair.reference, pair.hypothesis, pair.region, options));
  scored.reference_of.assign(scored.der.hypothesis_speakers.size(), -1);
  for (size_t r = 0; r < scored.der.mapping.size(); ++r) {
    const int h = scored.der.mapping[r];
    if (h < 0) continue;
    scored.reference_of[static_cast<size_t>(h)] = static_cast<int>(r);
    scored.hypothesis_rows.push_back(h);
  }
  for (size_t h = 0; h < scored.reference_of.size(); ++h) {
    if (scored.reference_of[h] < 0) scored.hypothesis_rows.push_back(static_cast<int>(h));
  }
  std::vector<TimeSpan> spans = scored.timeline.scored;
  for (const Recording* recording : {&pair.reference, &pair.hypothesis}) {
    for (const Turn& turn : recording->turns) spans.push_back({turn.start, turn.end()});
  }
  if (spans.empty()) spans.push_back({0, kMicrosecondsPerSecond});
  scored.extent = spans[0];
  for (const TimeSpan& span : spans) {
    scored.extent.start = std::min(scored.extent.start, span.start);
    scored.extent.end = std::max(scored.extent.end, span.end);
  }
  scored.row_height = RowHeight(std::max(scored.der.reference_speakers.size(), scored.der.hypothesis_speakers.size()));
  return scored;
}

double RowsHeight(const Scored& scored) {
  const size_t rows = scored.der.reference_speakers.size() + scored.der.hypothesis_speakers.size();
  return scored.row_height * static_cast<double>(rows);
}

double PanelHeight(const Scored& scored) {
  return kHeadHeight + RowsHeight(scored) + 3 * kGap + 3 * kLaneHeight + kAxisHeight;
}

// Draws one recording, top down.
class Panel {
 public:
  Panel(const RecordingPair& pair, const Scored& scored, double top, SvgDrawing* drawing)
      : pair_(pair),
        scored_(scored),
        drawing_(drawing),
        top_(top),
        scale_((kRight - kLeft) * kMicrosecondsPerSecond / static_cast<double>(scored.extent.length())) {}

  void Draw() {
    Head();
    const double marks_top = y_;
    const double marks_height = RowsHeight(scored_) + 3 * kGap + 3 * kLaneHeight;
    std::string shade;
    for (const TimeSpan& span : scored_.timeline.scored) AppendMark(span, 0, marks_height, &shade);
    Marks(marks_top, "scored", "what is scored", shade);
    Axis(marks_top, marks_height);
    y_ += kGap / 2;
    Rows();
    Lanes();
  }

 private:
  void Head() {
    const DerComponents& sum = scored_.der.components;
    drawing_->Text(kLeft, top_ + 20, "heading", "start", SvgText(pair_.reference.uri, 60));
    drawing_->Text(
        kLeft, top_ + 39, "tick", "start",
        absl::StrCat(
            "DER ", absl::StrFormat("%.2f\u2009%%", 100 * sum.rate()), " of ", Seconds(sum.total),
            " speech: ", Seconds(sum.missed), " missed, ", Seconds(sum.false_alarm), " false alarm, ",
            Seconds(sum.confusion), " confusion; ", scored_.der.reference_speakers.size(), " speakers, ",
            pair_.has_hypothesis ? absl::StrCat(scored_.der.hypothesis_speakers.size(), " found") : "no hypothesis"));
    y_ = top_ + kHeadHeight;
  }

  void Marks(double y, absl::string_view css_class, absl::string_view name, const std::string& path) {
    if (path.empty()) return;
    const double x = kLeft - scale_ * static_cast<double>(scored_.extent.start) / kMicrosecondsPerSecond;
    drawing_->Add(absl::StrCat("<g transform=\"translate(", absl::StrFormat("%.6g", x), " ", SvgNumber(y), ") scale(",
                               absl::StrFormat("%.9g", scale_), " 1)\"><path class=\"", css_class, "\" d=\"", path,
                               "\"><title>", SvgText(name, 200), "</title></path></g>"));
  }

  void Axis(double top, double height) {
    // Hours of audio read better in minutes.
    const bool minutes = scored_.extent.length() > 600 * kMicrosecondsPerSecond;
    const double unit = (minutes ? 60.0 : 1.0) * kMicrosecondsPerSecond;
    const double low = static_cast<double>(scored_.extent.start) / unit;
    const double high = static_cast<double>(scored_.extent.end) / unit;
    const Ticks ticks = RoundTicks(low, high, 12);
    for (size_t i = 0; i < ticks.values.size(); ++i) {
      const double x = kLeft + (ticks.values[i] - low) / (high - low) * (kRight - kLeft);
      drawing_->Line(x, top, x, top + height, "rule");
      drawing_->Text(x, top + height + 16, "tick", "middle", ticks.labels[i]);
    }
    drawing_->Text(kLeft - 8, top + height + 16, "tick", "end", minutes ? "minutes" : "seconds");
  }

  void Rows() {
    const auto colour = [](int speaker) {
      return speaker < 0 ? std::string("unmapped") : absl::StrCat("speaker", static_cast<size_t>(speaker) % kColours);
    };
    const auto label = [this](size_t speakers, absl::string_view text) {
      if (speakers > 0) drawing_->Text(kRight + 10, y_ + 10, "tick", "start", text);
    };
    label(scored_.der.reference_speakers.size(), "reference");
    for (size_t r = 0; r < scored_.der.reference_speakers.size(); ++r) {
      const std::string& name = scored_.der.reference_speakers[r];
      Row(pair_.reference, name, colour(static_cast<int>(r)), absl::StrCat("reference: ", name));
    }
    y_ += kGap;
    label(scored_.hypothesis_rows.size(), "hypothesis");
    for (const int h : scored_.hypothesis_rows) {
      const std::string& name = scored_.der.hypothesis_speakers[static_cast<size_t>(h)];
      const int r = scored_.reference_of[static_cast<size_t>(h)];
      const std::string mapped = r < 0 ? "nobody" : scored_.der.reference_speakers[static_cast<size_t>(r)];
      Row(pair_.hypothesis, name, colour(r), absl::StrCat("hypothesis: ", name, ", is ", mapped));
    }
    y_ += kGap;
  }

  void Row(const Recording& recording, const std::string& speaker, const std::string& css_class,
           const std::string& tooltip) {
    std::string path;
    const double height = scored_.row_height > 4 ? scored_.row_height - 2 : scored_.row_height;
    for (const Turn& turn : recording.turns) {
      if (turn.speaker == speaker) AppendMark({turn.start, turn.end()}, 0, height, &path);
    }
    Marks(y_, css_class, tooltip, path);
    if (scored_.row_height > 10) {
      drawing_->Text(kLeft - 8, y_ + 10, "tick", "end", SvgText(speaker, kNameCharacters));
    }
    y_ += scored_.row_height;
  }

  void Lanes() {
    const DerComponents& sum = scored_.der.components;
    Lane("missed", "missed", sum.missed, [](const StretchErrors& errors) { return errors.missed; });
    Lane("false-alarm", "false alarm", sum.false_alarm, [](const StretchErrors& errors) { return errors.false_alarm; });
    Lane("confusion", "confusion", sum.confusion, [](const StretchErrors& errors) { return errors.confusion; });
  }

  // Level 1 is where at least one speaker is wrong, level 2 where two are, ...: the lengths add up to the error.
  template <typename Count>
  void Lane(absl::string_view css_class, const std::string& name, int64_t sum, const Count& count) {
    std::vector<std::vector<TimeSpan>> levels;
    for (const Stretch& stretch : scored_.timeline.stretches) {
      if (!stretch.scored) continue;
      const auto wrong = static_cast<size_t>(count(ErrorsIn(scored_.timeline, stretch, scored_.der.mapping)));
      if (levels.size() < wrong) levels.resize(wrong);
      for (size_t level = 0; level < wrong; ++level) {
        std::vector<TimeSpan>& spans = levels[level];
        const int64_t end = stretch.start + stretch.length;
        if (!spans.empty() && spans.back().end == stretch.start) {
          spans.back().end = end;
        } else {
          spans.push_back({stretch.start, end});
        }
      }
    }
    // Two thin marks above each other fill the lane; more share it.
    const double height = (kLaneHeight - 3) / static_cast<double>(std::max<size_t>(2, levels.size()));
    std::string path;
    for (size_t level = 0; level < levels.size(); ++level) {
      for (const TimeSpan& span : levels[level]) {
        AppendMark(span, kLaneHeight - 2 - height * static_cast<double>(level + 1), height, &path);
      }
    }
    Marks(y_, css_class, absl::StrCat(name, ": ", Seconds(sum)), path);
    drawing_->Text(kLeft - 8, y_ + 13, "tick", "end", name);
    y_ += kLaneHeight;
  }

  const RecordingPair& pair_;
  const Scored& scored_;
  SvgDrawing* const drawing_;
  const double top_;
  const double scale_;  // pixels of a second
  double y_ = 0;
};

}  // namespace

absl::StatusOr<std::string> ErrorTimelineSvg(const ErrorTimelinePlot& plot) {
  constexpr double kTitleHeight = 92;
  std::vector<Scored> all;
  double height = kTitleHeight;
  for (const RecordingPair& pair : plot.recordings) {
    ASSIGN_OR_RETURN(Scored scored, Score(pair, plot.options));
    height += PanelHeight(scored);
    all.push_back(std::move(scored));
  }
  SvgDrawing drawing(kWidth, height, plot.title, kLightStyle, kDarkStyle);
  drawing.Text(34, 42, "title", "start", SvgText(plot.title, 95));
  drawing.Text(34, 68, "subtitle", "start", SvgText(plot.subtitle, 150));
  double top = kTitleHeight;
  for (size_t i = 0; i < all.size(); ++i) {
    Panel(plot.recordings[i], all[i], top, &drawing).Draw();
    top += PanelHeight(all[i]);
  }
  return std::move(drawing).Finish();
}

}  // namespace diarflow
