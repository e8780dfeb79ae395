// An SVG file that stands alone: no scripts, no network, fonts of the reader's machine, colours that follow the
// reader's light or dark setting. Equal calls give equal bytes.
//
// Classes for every drawing: text as title, subtitle, heading, label or tick; lines as grid; boxes as page or frame.
#ifndef DIARFLOW_METRICS_SVG_DRAWING_H_
#define DIARFLOW_METRICS_SVG_DRAWING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace diarflow {

class SvgDrawing {
 public:
  // `title` is plain text. `light` and `dark` are CSS rules of this drawing: all of them, and what is different in the
  // dark.
  SvgDrawing(double width, double height, absl::string_view title, absl::string_view light, absl::string_view dark);

  // An element, with its line end.
  void Add(absl::string_view element);
  // `escaped` is XML already (SvgText()); `anchor` is start, middle or end.
  void Text(double x, double y, absl::string_view css_class, absl::string_view anchor, absl::string_view escaped);
  void Line(double x1, double y1, double x2, double y2, absl::string_view css_class);
  void Rect(double x, double y, double width, double height, absl::string_view css_class);

  // The bytes of the file.
  std::string Finish() &&;

 private:
  std::string text_;
};

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SVG_DRAWING_H_
