#include "metrics/svg_drawing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "metrics/svg_text.h"

namespace diarflow {
namespace {

constexpr absl::string_view kLight = R"(
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
         font-size: 13px; fill: #1d2329; font-variant-numeric: tabular-nums; }
  .title { font-size: 21px; font-weight: 600; }
  .subtitle { font-size: 14px; fill: #59636e; }
  .heading { font-size: 15px; font-weight: 600; }
  .tick { font-size: 12px; fill: #59636e; }
  .page { fill: #ffffff; }
  .grid { stroke: #e7eaee; stroke-width: 1; }
  .frame { fill: none; stroke: #aab2bb; stroke-width: 1; })";

constexpr absl::string_view kDark = R"(
    text { fill: #e6eaee; }
    .subtitle, .tick { fill: #9ba6b2; }
    .page { fill: #15191e; }
    .grid { stroke: #262c33; }
    .frame { stroke: #56606b; })";

}  // namespace

SvgDrawing::SvgDrawing(double width, double height, absl::string_view title, absl::string_view light,
                       absl::string_view dark) {
  const std::string size[] = {SvgNumber(width), SvgNumber(height)};
  Add(absl::StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"", size[0], "\" height=\"", size[1],
                   "\" viewBox=\"0 0 ", size[0], " ", size[1], "\">"));
  Add(absl::StrCat("<title>", SvgText(title), "</title>"));
  Add(absl::StrCat("<style>", kLight, light, "  @media (prefers-color-scheme: dark) {", kDark, dark, "  }\n</style>"));
  Add(absl::StrCat("<rect width=\"", size[0], "\" height=\"", size[1], "\" class=\"page\"/>"));
}

void SvgDrawing::Add(absl::string_view element) { absl::StrAppend(&text_, element, "\n"); }

void SvgDrawing::Text(double x, double y, absl::string_view css_class, absl::string_view anchor,
                      absl::string_view escaped) {
  Add(absl::StrCat("<text x=\"", SvgNumber(x), "\" y=\"", SvgNumber(y), "\" class=\"", css_class, "\" text-anchor=\"",
                   anchor, "\">", escaped, "</text>"));
}

void SvgDrawing::Line(double x1, double y1, double x2, double y2, absl::string_view css_class) {
  Add(absl::StrCat("<line x1=\"", SvgNumber(x1), "\" y1=\"", SvgNumber(y1), "\" x2=\"", SvgNumber(x2), "\" y2=\"",
                   SvgNumber(y2), "\" class=\"", css_class, "\"/>"));
}

void SvgDrawing::Rect(double x, double y, double width, double height, absl::string_view css_class) {
  Add(absl::StrCat("<rect x=\"", SvgNumber(x), "\" y=\"", SvgNumber(y), "\" width=\"", SvgNumber(width), "\" height=\"",
                   SvgNumber(height), "\" class=\"", css_class, "\"/>"));
}

std::string SvgDrawing::Finish() && {
  Add("</svg>");
  return std::move(text_);
}

}  // namespace diarflow
