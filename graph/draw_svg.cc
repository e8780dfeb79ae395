#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "graph/draw.h"
#include "graph/draw_layout.h"
#include "graph/draw_model.h"

namespace diarflow {
namespace {

constexpr double kMargin = 24;
constexpr double kHeading = 50;
constexpr double kLegend = 34;

constexpr char kStyle[] =
    "text { font-family: Helvetica, Arial, 'Liberation Sans', sans-serif; fill: #1f2328; }\n"
    ".title { font-size: 18px; font-weight: bold; }\n"
    ".small { font-size: 11px; fill: #59636e; }\n"
    ".detail { font-size: 11px; fill: #32383f; }\n"
    ".name { font-size: 13px; font-weight: bold; }\n"
    ".stream { font-size: 11px; fill: #0a5cab; }\n"
    ".node { stroke: #57606a; stroke-width: 1.2; }\n"
    ".inserted { fill: #eceef0; stroke: #c4c9ce; }\n"
    ".resource { fill: #ffffff; stroke: #8250df; stroke-dasharray: 5 3; }\n"
    ".group { fill: #f4f7fa; stroke: #aab4be; }\n"
    ".line { fill: none; stroke: #57606a; stroke-width: 1.3; }\n"
    ".uses { fill: none; stroke: #8250df; stroke-width: 1; stroke-dasharray: 4 3; opacity: 0.7; }\n";

// For text and attributes. Bytes that XML cannot hold become "?".
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;
    bool whole = length > 0 && i + length <= text.size();
    for (size_t k = 1; whole && k < length; ++k) whole = (static_cast<unsigned char>(text[i + k]) & 0xc0) == 0x80;
    if (!whole || (byte < 0x20 && byte != '\n' && byte != '\t')) {
      escaped += '?';
      continue;
    }
    switch (text[i]) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped.append(text, i, length);
    }
    i += length - 1;
  }
  return escaped;
}

// An upper bound for most text in a sans-serif face.
double TextWidth(const std::string& text, double size) {
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return 0.62 * size * static_cast<double>(characters);
}

std::string Text(double x, double y, const char* css, const char* anchor, const std::string& text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>\n", x, y, css, anchor,
                         Escaped(text));
}

std::string Rectangle(const LayoutRect& rect, const char* css, double radius, const std::string& fill) {
  std::string out =
      absl::StrFormat("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.0f\" class=\"%s\"", rect.left,
                      rect.top, rect.right - rect.left, rect.bottom - rect.top, radius, css);
  if (!fill.empty()) absl::StrAppend(&out, " fill=\"", fill, "\"");
  return absl::StrCat(out, "/>\n");
}

LayoutVertex SizeOf(const DrawnBox& box) {
  LayoutVertex vertex;
  if (box.look == DrawnBox::Look::kInserted) {
    vertex.width = TextWidth(box.caption, 10) + 14;
    vertex.height = 16;
    return vertex;
  }
  vertex.width = 22 + std::max({TextWidth(box.caption, 13.5), TextWidth(box.detail, 11), TextWidth(box.account, 11)});
  vertex.width = std::max(vertex.width, 110.0);
  vertex.height = box.account.empty() ? 40 : 55;
  vertex.low = box.look == DrawnBox::Look::kResource;
  return vertex;
}

class SvgWriter {
 public:
  explicit SvgWriter(Drawing drawing) : drawing_(std::move(drawing)) {}

  std::string Write(bool has_report) {
    MakeGraph();
    layout_ = LayOut(graph_);
    const std::string legend = absl::StrCat("grey: put in by the compiler;  dashed: resources",
                                            has_report ? ";  orange: share of the work, the fuller the more" : "");
    const double width = 2 * kMargin + std::max({layout_.width, TextWidth(drawing_.title, 19),
                                                 TextWidth(drawing_.subtitle, 11), TextWidth(legend, 11)});
    const double height = kHeading + layout_.height + kLegend + kMargin;
    const double shift = (width - layout_.width) / 2;
    std::string svg = absl::StrFormat(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n", width,
        height, width, height);
    absl::StrAppend(&svg, "<title>", Escaped(drawing_.title), "</title>\n<style>\n", kStyle, "</style>\n",
                    "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
                    "markerHeight=\"7\" orient=\"auto\"><path d=\"M0,0.5 L8,4 L0,7.5 z\" fill=\"#57606a\"/>"
                    "</marker></defs>\n");
    absl::StrAppendFormat(&svg,
                          "<rect x=\"0.5\" y=\"0.5\" width=\"%.0f\" height=\"%.0f\" rx=\"8\" fill=\"#ffffff\" "
                          "stroke=\"#d0d7de\"/>\n",
                          width - 1, height - 1);
    absl::StrAppend(&svg, Text(kMargin, 28, "title", "start", drawing_.title),
                    Text(kMargin, 44, "small", "start", drawing_.subtitle));
    absl::StrAppendFormat(&svg, "<g transform=\"translate(%.1f %.1f)\">\n", shift, kHeading + 10);
    for (size_t g = 0; g < layout_.groups.size(); ++g) AddGroup(g, &svg);
    for (const LayoutLine& line : layout_.lines) AddLine(line, &svg);
    for (size_t b = 0; b < drawing_.boxes.size(); ++b) AddBox(drawing_.boxes[b], layout_.vertices[b], &svg);
    for (size_t i = 0; i < label_wires_.size(); ++i) {
      const LayoutRect& rect = layout_.vertices[drawing_.boxes.size() + i];
      absl::StrAppend(&svg,
                      Text(rect.center(), rect.bottom - 4, "stream", "middle", drawing_.wires[label_wires_[i]].label));
    }
    return absl::StrCat(svg, "</g>\n", Text(kMargin, height - 16, "small", "start", legend), "</svg>\n");
  }

 private:
  // Vertices: the boxes, and behind them the label of each stream, which its lines pass.
  void MakeGraph() {
    const auto group_of = [&](const DrawnBox& box) {
      const auto found = std::find(drawing_.groups.begin(), drawing_.groups.end(), box.group);
      return found == drawing_.groups.end() ? -1 : static_cast<int>(found - drawing_.groups.begin());
    };
    for (const DrawnBox& box : drawing_.boxes) {
      graph_.vertices.push_back(SizeOf(box));
      graph_.vertices.back().group = group_of(box);
    }
    graph_.to.resize(drawing_.boxes.size());
    for (size_t w = 0; w < drawing_.wires.size(); ++w) {
      const DrawnWire& wire = drawing_.wires[w];
      if (wire.label.empty()) {
        std::vector<int>& to = graph_.to[wire.from];
        to.insert(to.end(), wire.to.begin(), wire.to.end());
        continue;
      }
      LayoutVertex label;
      label.width = TextWidth(wire.label, 11);
      label.height = 15;
      const int group = graph_.vertices[wire.from].group;
      for (const int to : wire.to) {
        if (graph_.vertices[to].group == group) label.group = group;
      }
      graph_.to[wire.from].push_back(static_cast<int>(graph_.vertices.size()));
      graph_.vertices.push_back(label);
      graph_.to.push_back(wire.to);
      label_wires_.push_back(static_cast<int>(w));
    }
    for (const std::string& group : drawing_.groups) graph_.group_widths.push_back(TextWidth(group, 13) + 20);
  }

  void AddGroup(size_t index, std::string* svg) const {
    const LayoutRect& rect = layout_.groups[index];
    absl::StrAppend(svg, Rectangle(rect, "group", 8, ""),
                    Text(rect.left + 10, rect.top + 16, "name", "start", drawing_.groups[index]));
  }

  void AddLine(const LayoutLine& line, std::string* svg) const {
    const auto boxes = static_cast<int>(drawing_.boxes.size());
    const bool resource = line.from < boxes && drawing_.boxes[line.from].look == DrawnBox::Look::kResource;
    const bool arrow = !resource && line.to >= 0 && line.to < boxes;
    // The last bit is straight, for the arrowhead.
    const double turn = line.turn2 - 8, middle = (line.turn1 + turn) / 2;
    absl::StrAppendFormat(svg, "<path d=\"M%.1f,%.1f V%.1f C%.1f,%.1f %.1f,%.1f %.1f,%.1f V%.1f\" class=\"%s\"%s/>\n",
                          line.x1, line.y1, line.turn1, line.x1, middle, line.x2, middle, line.x2, turn, line.y2,
                          resource ? "uses" : "line", arrow ? " marker-end=\"url(#arrow)\"" : "");
  }

  static void AddBox(const DrawnBox& box, const LayoutRect& rect, std::string* svg) {
    const double x = rect.center();
    absl::StrAppend(svg, "<g><title>", Escaped(absl::StrCat(box.name, ": ", box.summary)), "</title>\n");
    switch (box.look) {
      case DrawnBox::Look::kInserted:
        absl::StrAppend(svg, Rectangle(rect, "inserted", 8, ""),
                        Text(x, rect.bottom - 4.5, "small", "middle", box.caption));
        break;
      case DrawnBox::Look::kResource: absl::StrAppend(svg, Rectangle(rect, "resource", 4, "")); break;
      case DrawnBox::Look::kNode: absl::StrAppend(svg, Rectangle(rect, "node", 6, ShareColor(box.share))); break;
    }
    if (box.look != DrawnBox::Look::kInserted) {
      absl::StrAppend(svg, Text(x, rect.top + 17, "name", "middle", box.caption),
                      Text(x, rect.top + 32, "detail", "middle", box.detail));
      if (!box.account.empty()) absl::StrAppend(svg, Text(x, rect.top + 47, "detail", "middle", box.account));
    }
    absl::StrAppend(svg, "</g>\n");
  }

  Drawing drawing_;
  LayoutGraph graph_;
  Layout layout_;
  // Of each label: its wire.
  std::vector<int> label_wires_;
};

}  // namespace

std::string PlanToSvg(const Plan& plan, const RunReport* report) {
  return SvgWriter(MakeDrawing(plan, report)).Write(report != nullptr);
}

}  // namespace diarflow
