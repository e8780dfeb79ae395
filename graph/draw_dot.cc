#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "graph/draw.h"
#include "graph/draw_model.h"

namespace diarflow {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
}

std::string BoxLine(const DrawnBox& box, size_t index) {
  std::string label = box.caption;
  if (!box.detail.empty()) absl::StrAppend(&label, "\n", box.detail);
  if (!box.account.empty()) absl::StrAppend(&label, "\n", box.account);
  std::string line = absl::StrCat("b", index, " [label=", Quoted(label), ", tooltip=", Quoted(box.summary));
  switch (box.look) {
    case DrawnBox::Look::kNode: absl::StrAppend(&line, ", fillcolor=\"", ShareColor(box.share), "\""); break;
    case DrawnBox::Look::kInserted:
      absl::StrAppend(&line,
                      ", fillcolor=\"#eeeeee\", color=\"#aaaaaa\", fontcolor=\"#666666\", fontsize=9, height=0.2");
      break;
    case DrawnBox::Look::kResource: absl::StrAppend(&line, ", style=\"rounded,dashed\""); break;
  }
  return absl::StrCat(line, "];\n");
}

}  // namespace

std::string PlanToDot(const Plan& plan, const RunReport* report) {
  const Drawing drawing = MakeDrawing(plan, report);
  std::string dot = absl::StrCat("digraph ", Quoted(drawing.title), " {\n", "  bgcolor=white;\n  labelloc=t;\n  label=",
                                 Quoted(absl::StrCat(drawing.title, "\n", drawing.subtitle)), ";\n",
                                 "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=Helvetica];\n",
                                 "  edge [fontname=Helvetica, fontsize=10];\n");
  for (size_t i = 0; i < drawing.boxes.size(); ++i) {
    if (drawing.boxes[i].group.empty()) absl::StrAppend(&dot, "  ", BoxLine(drawing.boxes[i], i));
  }
  for (size_t g = 0; g < drawing.groups.size(); ++g) {
    absl::StrAppend(&dot, "  subgraph cluster_", g, " {\n    label=", Quoted(drawing.groups[g]), ";\n");
    for (size_t i = 0; i < drawing.boxes.size(); ++i) {
      if (drawing.boxes[i].group == drawing.groups[g]) absl::StrAppend(&dot, "    ", BoxLine(drawing.boxes[i], i));
    }
    absl::StrAppend(&dot, "  }\n");
  }
  for (size_t w = 0; w < drawing.wires.size(); ++w) {
    const DrawnWire& wire = drawing.wires[w];
    const std::string look = wire.resource        ? " [style=dashed, color=\"#888888\", arrowhead=none]"
                             : wire.label.empty() ? ""
                                                  : absl::StrCat(" [label=", Quoted(wire.label), "]");
    for (const int to : wire.to) absl::StrAppend(&dot, "  b", wire.from, " -> b", to, look, ";\n");
    if (!wire.to.empty()) continue;
    absl::StrAppend(&dot, "  unread", w, " [shape=point];\n  b", wire.from, " -> unread", w, look, ";\n");
  }
  return absl::StrCat(dot, "}\n");
}

}  // namespace diarflow
