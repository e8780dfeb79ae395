// The part of diarization_page.h that draws the picture.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "metrics/plot_colours.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"
#include "metrics/svg_time_axis.h"
#include "pages/diarization_page.h"
#include "pages/diarization_summary.h"
#include "pages/diarization_view.h"

namespace diarflow {
namespace {

constexpr double kWidth = 1240;
constexpr double kLeft = 150;
constexpr double kRight = 1150;
constexpr double kTitleHeight = 60;
constexpr double kSentenceHeight = 20;
constexpr double kGap = 8;
constexpr double kBandHeight = 16;
constexpr double kWaveHeight = 80;
constexpr double kAxisHeight = 36;
constexpr int kNameCharacters = 18;

constexpr absl::string_view kLightStyle = R"(
  .scored { fill: #f2f5f8; }
  .rule { stroke: #e1e5ea; stroke-width: 1; }
  .wave { fill: #7b8794; }
  .overlap { fill: #4a5561; }
)";

constexpr absl::string_view kDarkStyle = R"(
    .scored { fill: #1b2127; }
    .rule { stroke: #2a3138; }
    .wave { fill: #76818c; }
    .overlap { fill: #aab2bb; }
)";

double LaneHeight(const DiarizationView& view) {
  const size_t lanes = view.result.speakers.size() + (view.reference.has_value() ? view.reference->speakers.size() : 0);
  return std::clamp(600 / std::max(1.0, static_cast<double>(lanes)), 2.0, 20.0);
}

double LanesHeight(const ViewLanes& lanes, double lane_height) {
  return lanes.speakers.empty() ? 0 : lane_height * static_cast<double>(lanes.speakers.size()) + kGap;
}

class Picture {
 public:
  Picture(const DiarizationPageInput& input, const DiarizationView& view, double top, SvgDrawing* drawing)
      : input_(input),
        view_(view),
        drawing_(drawing),
        lane_height_(LaneHeight(view)),
        axis_(kLeft, kRight, {0, view.extent}, drawing),
        y_(top) {}

  static double Height(const DiarizationPageInput& input, const DiarizationView& view) {
    const double lane_height = LaneHeight(view);
    double height = LanesHeight(view.result, lane_height);
    if (view.reference.has_value()) height += LanesHeight(*view.reference, lane_height) + 3 * kBandHeight;
    if (!view.overlap.empty()) height += kBandHeight;
    if (!input.peaks.empty()) height += kGap + kWaveHeight;
    return height + kGap;
  }

  void Draw() {
    const double height = Height(input_, view_);
    if (view_.errors.has_value()) {
      std::string shade;
      for (const TimeSpan& span : view_.errors->errors.timeline.scored) {
        SvgTimeAxis::AppendMark(span, 0, height, &shade);
      }
      axis_.Marks(y_, "scored", "what is scored", shade);
    }
    axis_.Rules(y_, height);
    y_ += kGap / 2;
    if (view_.reference.has_value()) Lanes(*view_.reference, "reference");
    Lanes(view_.result, view_.reference.has_value() ? "result" : "");
    if (view_.errors.has_value()) {
      const ErrorTimeline& errors = view_.errors->errors;
      Band("missed", "missed", ErrorLevels(errors, &StretchErrors::missed));
      Band("false-alarm", "false alarm", ErrorLevels(errors, &StretchErrors::false_alarm));
      Band("confusion", "confusion", ErrorLevels(errors, &StretchErrors::confusion));
    }
    if (!view_.overlap.empty()) Band("overlap", "overlap", {view_.overlap, view_.overlap});
    if (!input_.peaks.empty()) Wave();
  }

 private:
  void Lanes(const ViewLanes& lanes, absl::string_view group) {
    if (lanes.speakers.empty()) return;
    drawing_->Text(kRight + 10, y_ + 13, "tick", "start", group);
    std::vector<std::string> paths(lanes.speakers.size());
    const double height = lane_height_ > 4 ? lane_height_ - 2 : lane_height_;
    for (const ViewTurn& turn : lanes.turns) {
      // Speakers beyond the palette have its colours again, their turns as two bars, three, ...
      const auto speaker = static_cast<size_t>(turn.speaker);
      const int bars = BarsOf(lanes.speakers[speaker].colour);
      const double bar = height / (2 * bars - 1);
      for (int i = 0; i < bars; ++i) SvgTimeAxis::AppendMark(turn.span, 2 * i * bar, bar, &paths[speaker]);
    }
    for (size_t i = 0; i < paths.size(); ++i) {
      const ViewSpeaker& speaker = lanes.speakers[i];
      axis_.Marks(y_, ColourClass(speaker.colour), speaker.name, paths[i]);
      if (lane_height_ > 10) {
        drawing_->Text(kLeft - 8, y_ + height / 2 + 5, "label", "end", SvgText(speaker.name, kNameCharacters));
      }
      y_ += lane_height_;
    }
    y_ += kGap;
  }

  // Two thin marks above each other fill the band; more share it.
  void Band(absl::string_view css_class, absl::string_view name, const std::vector<std::vector<TimeSpan>>& levels) {
    const double height = (kBandHeight - 3) / static_cast<double>(std::max<size_t>(2, levels.size()));
    std::string path;
    for (size_t level = 0; level < levels.size(); ++level) {
      for (const TimeSpan& span : levels[level]) {
        SvgTimeAxis::AppendMark(span, kBandHeight - 2 - height * static_cast<double>(level + 1), height, &path);
      }
    }
    axis_.Marks(y_, css_class, name, path);
    drawing_->Text(kLeft - 8, y_ + 12, "tick", "end", name);
    y_ += kBandHeight;
  }

  // The outline of the columns' greatest samples from left to right, and back along the least.
  void Wave() {
    constexpr size_t kColumns = 1000;
    y_ += kGap;
    const double middle = y_ + kWaveHeight / 2;
    const size_t columns = std::min(kColumns, input_.peaks.size());
    const double width = (kRight - kLeft) * static_cast<double>(input_.duration) / static_cast<double>(view_.extent);
    std::string above, below;
    for (size_t c = 0; c < columns; ++c) {
      double least = 0, greatest = 0;
      for (size_t i = c * input_.peaks.size() / columns; i < (c + 1) * input_.peaks.size() / columns; ++i) {
        if (std::isfinite(input_.peaks[i].first)) least = std::min<double>(least, input_.peaks[i].first);
        if (std::isfinite(input_.peaks[i].second)) greatest = std::max<double>(greatest, input_.peaks[i].second);
      }
      const std::string x = SvgNumber(kLeft + width * (static_cast<double>(c) + .5) / static_cast<double>(columns));
      const auto y = [&](double sample) {
        return SvgNumber(middle - std::clamp(sample / view_.loudness, -1.0, 1.0) * (kWaveHeight / 2 - 1));
      };
      absl::StrAppend(&above, above.empty() ? "M" : "L", x, ",", y(greatest + view_.loudness / 80));
      below = absl::StrCat("L", x, ",", y(least - view_.loudness / 80), below);
    }
    drawing_->Add(absl::StrCat("<path class=\"wave\" d=\"", above, below, "z\"/>"));
    drawing_->Text(kLeft - 8, middle + 5, "tick", "end", "sound");
  }

  const DiarizationPageInput& input_;
  const DiarizationView& view_;
  SvgDrawing* const drawing_;
  const double lane_height_;
  SvgTimeAxis axis_;
  double y_;
};

}  // namespace

absl::StatusOr<std::string> DiarizationSvg(const DiarizationPageInput& input) {
  ASSIGN_OR_RETURN(const DiarizationView view, MakeDiarizationView(input));
  const std::vector<std::string> sentences = SummarySentences(input, view);
  const double top = kTitleHeight + kSentenceHeight * static_cast<double>(sentences.size());
  SvgDrawing drawing(kWidth, top + Picture::Height(input, view) + kAxisHeight, input.title,
                     absl::StrCat(kLightStyle, FillRules(/*dark=*/false)),
                     absl::StrCat(kDarkStyle, FillRules(/*dark=*/true)));
  drawing.Text(34, 42, "title", "start", SvgText(input.title, 95));
  for (size_t i = 0; i < sentences.size(); ++i) {
    drawing.Text(34, 66 + kSentenceHeight * static_cast<double>(i), "subtitle", "start", SvgText(sentences[i], 170));
  }
  Picture(input, view, top, &drawing).Draw();
  return std::move(drawing).Finish();
}

}  // namespace diarflow
