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
#include "metrics/error_timeline.h"
#include "metrics/plot_colours.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"
#include "metrics/svg_time_axis.h"

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

constexpr absl::string_view kLightStyle = R"(
  .scored { fill: #eef2f6; }
  .rule { stroke: #c6cdd4; stroke-width: 1; }
)";

constexpr absl::string_view kDarkStyle = R"(
    .scored { fill: #20262d; }
    .rule { stroke: #424b55; }
)";

std::string Seconds(int64_t microseconds) {
  return absl::StrFormat("%.2f\u2009s", static_cast<double>(microseconds) / kMicrosecondsPerSecond);
}

struct Scored {
  ErrorTimeline errors;
  TimeSpan extent;
  double row_height = 0;
};

// Rows are as high as fits a name, lower when there are many.
double RowHeight(size_t speakers) {
  return std::clamp(160.0 / std::max<double>(1, static_cast<double>(speakers)), 2.0, 13.0);
}

absl::StatusOr<Scored> Score(const RecordingPair& pair, const DerOptions& options) {
  Scored scored;
  ASSIGN_OR_RETURN(scored.errors, MakeErrorTimeline(pair.reference, pair.hypothesis, pair.region, options));
  std::vector<TimeSpan> spans = scored.errors.timeline.scored;
  for (const Recording* recording : {&pair.reference, &pair.hypothesis}) {
    for (const Turn& turn : recording->turns) spans.push_back({turn.start, turn.end()});
  }
  if (spans.empty()) spans.push_back({0, kMicrosecondsPerSecond});
  scored.extent = spans[0];
  for (const TimeSpan& span : spans) {
    scored.extent.start = std::min(scored.extent.start, span.start);
    scored.extent.end = std::max(scored.extent.end, span.end);
  }
  scored.row_height =
      RowHeight(std::max(scored.errors.der.reference_speakers.size(), scored.errors.der.hypothesis_speakers.size()));
  return scored;
}

double RowsHeight(const Scored& scored) {
  const size_t rows = scored.errors.der.reference_speakers.size() + scored.errors.der.hypothesis_speakers.size();
  return scored.row_height * static_cast<double>(rows);
}

double PanelHeight(const Scored& scored) {
  return kHeadHeight + RowsHeight(scored) + 3 * kGap + 3 * kLaneHeight + kAxisHeight;
}

// Draws one recording, top down.
class Panel {
 public:
  Panel(const RecordingPair& pair, const Scored& scored, double top, SvgDrawing* drawing)
      : pair_(pair), scored_(scored), drawing_(drawing), top_(top), axis_(kLeft, kRight, scored.extent, drawing) {}

  void Draw() {
    Head();
    const double marks_top = y_;
    const double marks_height = RowsHeight(scored_) + 3 * kGap + 3 * kLaneHeight;
    std::string shade;
    for (const TimeSpan& span : scored_.errors.timeline.scored) SvgTimeAxis::AppendMark(span, 0, marks_height, &shade);
    axis_.Marks(marks_top, "scored", "what is scored", shade);
    axis_.Rules(marks_top, marks_height);
    y_ += kGap / 2;
    Rows();
    Lanes();
  }

 private:
  void Head() {
    const DerComponents& sum = scored_.errors.der.components;
    drawing_->Text(kLeft, top_ + 20, "heading", "start", SvgText(pair_.reference.uri, 60));
    drawing_->Text(
        kLeft, top_ + 39, "tick", "start",
        absl::StrCat("DER ", absl::StrFormat("%.2f\u2009%%", 100 * sum.rate()), " of ", Seconds(sum.total),
                     " speech: ", Seconds(sum.missed), " missed, ", Seconds(sum.false_alarm), " false alarm, ",
                     Seconds(sum.confusion), " confusion; ", scored_.errors.der.reference_speakers.size(),
                     " speakers, ",
                     pair_.has_hypothesis ? absl::StrCat(scored_.errors.der.hypothesis_speakers.size(), " found")
                                          : "no hypothesis"));
    y_ = top_ + kHeadHeight;
  }

  void Rows() {
    const auto colour = [](int speaker) {
      return speaker < 0 ? std::string("unmapped")
                         : absl::StrCat("speaker", static_cast<size_t>(speaker) % kSpeakerColours.size());
    };
    const auto label = [this](size_t speakers, absl::string_view text) {
      if (speakers > 0) drawing_->Text(kRight + 10, y_ + 10, "tick", "start", text);
    };
    label(scored_.errors.der.reference_speakers.size(), "reference");
    for (size_t r = 0; r < scored_.errors.der.reference_speakers.size(); ++r) {
      const std::string& name = scored_.errors.der.reference_speakers[r];
      Row(pair_.reference, name, colour(static_cast<int>(r)), absl::StrCat("reference: ", name));
    }
    y_ += kGap;
    label(scored_.errors.hypothesis_rows.size(), "hypothesis");
    for (const int h : scored_.errors.hypothesis_rows) {
      const std::string& name = scored_.errors.der.hypothesis_speakers[static_cast<size_t>(h)];
      const int r = scored_.errors.reference_of[static_cast<size_t>(h)];
      const std::string mapped = r < 0 ? "nobody" : scored_.errors.der.reference_speakers[static_cast<size_t>(r)];
      Row(pair_.hypothesis, name, colour(r), absl::StrCat("hypothesis: ", name, ", is ", mapped));
    }
    y_ += kGap;
  }

  void Row(const Recording& recording, const std::string& speaker, const std::string& css_class,
           const std::string& tooltip) {
    std::string path;
    const double height = scored_.row_height > 4 ? scored_.row_height - 2 : scored_.row_height;
    for (const Turn& turn : recording.turns) {
      if (turn.speaker == speaker) SvgTimeAxis::AppendMark({turn.start, turn.end()}, 0, height, &path);
    }
    axis_.Marks(y_, css_class, tooltip, path);
    if (scored_.row_height > 10) {
      drawing_->Text(kLeft - 8, y_ + 10, "tick", "end", SvgText(speaker, kNameCharacters));
    }
    y_ += scored_.row_height;
  }

  void Lanes() {
    const DerComponents& sum = scored_.errors.der.components;
    Lane("missed", "missed", sum.missed, &StretchErrors::missed);
    Lane("false-alarm", "false alarm", sum.false_alarm, &StretchErrors::false_alarm);
    Lane("confusion", "confusion", sum.confusion, &StretchErrors::confusion);
  }

  // Level 1 is where at least one speaker is wrong, level 2 where two are, ...: the lengths add up to the error.
  void Lane(absl::string_view css_class, const std::string& name, int64_t sum, int64_t StretchErrors::* count) {
    const std::vector<std::vector<TimeSpan>> levels = ErrorLevels(scored_.errors, count);
    // Two thin marks above each other fill the lane; more share it.
    const double height = (kLaneHeight - 3) / static_cast<double>(std::max<size_t>(2, levels.size()));
    std::string path;
    for (size_t level = 0; level < levels.size(); ++level) {
      for (const TimeSpan& span : levels[level]) {
        SvgTimeAxis::AppendMark(span, kLaneHeight - 2 - height * static_cast<double>(level + 1), height, &path);
      }
    }
    axis_.Marks(y_, css_class, absl::StrCat(name, ": ", Seconds(sum)), path);
    drawing_->Text(kLeft - 8, y_ + 13, "tick", "end", name);
    y_ += kLaneHeight;
  }

  const RecordingPair& pair_;
  const Scored& scored_;
  SvgDrawing* const drawing_;
  const double top_;
  SvgTimeAxis axis_;
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
  SvgDrawing drawing(kWidth, height, plot.title, absl::StrCat(kLightStyle, FillRules(/*dark=*/false)),
                     absl::StrCat(kDarkStyle, FillRules(/*dark=*/true)));
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
