#include "metrics/svg_time_axis.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metrics/svg_text.h"

namespace diarflow {
SvgTimeAxis::SvgTimeAxis(double left, double right, const TimeSpan& extent, SvgDrawing* drawing)
    : left_(left),
      right_(right),
      extent_(extent),
      scale_((right - left) * kMicrosecondsPerSecond / static_cast<double>(extent.length())),
      drawing_(drawing) {}

void SvgTimeAxis::AppendMark(const TimeSpan& span, double top, double height, std::string* path) {
  const std::string start = FormatExactSeconds(span.start);
  absl::StrAppend(path, "M", start, ",", SvgNumber(top), "h", FormatExactSeconds(span.length()), "v", SvgNumber(height),
                  "H", start, "z");
}

void SvgTimeAxis::Marks(double y, absl::string_view css_class, absl::string_view name, const std::string& path) {
  if (path.empty()) return;
  const double x = left_ - scale_ * static_cast<double>(extent_.start) / kMicrosecondsPerSecond;
  drawing_->Add(absl::StrCat("<g transform=\"translate(", absl::StrFormat("%.9g", x), " ", SvgNumber(y), ") scale(",
                             absl::StrFormat("%.9g", scale_), " 1)\"><path class=\"", css_class, "\" d=\"", path,
                             "\"><title>", SvgText(name, 200), "</title></path></g>"));
}

void SvgTimeAxis::Rules(double top, double height) {
  // Hours of audio read better in minutes.
  const bool minutes = extent_.length() > 600 * kMicrosecondsPerSecond;
  const double unit = (minutes ? 60.0 : 1.0) * kMicrosecondsPerSecond;
  const double low = static_cast<double>(extent_.start) / unit;
  const double high = static_cast<double>(extent_.end) / unit;
  const Ticks ticks = RoundTicks(low, high, 12);
  for (size_t i = 0; i < ticks.values.size(); ++i) {
    const double x = left_ + (ticks.values[i] - low) / (high - low) * (right_ - left_);
    drawing_->Line(x, top, x, top + height, "rule");
    drawing_->Text(x, top + height + 16, "tick", "middle", ticks.labels[i]);
  }
  drawing_->Text(left_ - 8, top + height + 16, "tick", "end", minutes ? "minutes" : "seconds");
}

}  // namespace diarflow
