// Marks on a time axis of an SVG drawing. A mark is a part of a path, "M start,top h length v height H start z", in
// seconds of the recording and exact; the path's group has the transform that brings seconds to the page.
#ifndef DIARFLOW_METRICS_SVG_TIME_AXIS_H_
#define DIARFLOW_METRICS_SVG_TIME_AXIS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "diarization/turns.h"
#include "metrics/svg_drawing.h"

namespace diarflow {

class SvgTimeAxis {
 public:
  // `extent` of the recording lies between `left` and `right` of the page. REQUIRES: a length above 0. `drawing` must
  // outlive the axis.
  SvgTimeAxis(double left, double right, const TimeSpan& extent, SvgDrawing* drawing);

  // Adds a rectangle to `path`; `top` and `height` in pixels, from where Marks() is told to put the path.
  static void AppendMark(const TimeSpan& span, double top, double height, std::string* path);

  // Draws a path of marks from `y` on; nothing when it is empty. `name` is plain text, which a reader sees who points
  // at a mark.
  void Marks(double y, absl::string_view css_class, absl::string_view name, const std::string& path);

  // Rules from `top` on, of the class "rule", with labels below: seconds, or minutes when there are more than ten.
  void Rules(double top, double height);

 private:
  const double left_;
  const double right_;
  const TimeSpan extent_;
  const double scale_;  // pixels of a second
  SvgDrawing* const drawing_;
};

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SVG_TIME_AXIS_H_
