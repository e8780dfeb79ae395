// A layered layout for drawings: ranks from top to bottom by the longest path, order within a rank by barycentres,
// x by least squares. Internal to graph/.
//
// After the method of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures"
// (1981). A wire that passes a rank gets a bend there, which takes its place like a vertex, and all readers of one
// vertex share its bends; lines turn only between ranks. So no line crosses a box and no two boxes touch.
#ifndef DIARFLOW_GRAPH_DRAW_LAYOUT_H_
#define DIARFLOW_GRAPH_DRAW_LAYOUT_H_

#include <vector>

namespace diarflow {

struct LayoutVertex {
  double width = 0;
  double height = 0;
  // Index into LayoutGraph.group_widths, or -1.
  int group = -1;
  // Stands right above what it leads to instead of at the top.
  bool low = false;
};

// REQUIRES: without cycles.
struct LayoutGraph {
  std::vector<LayoutVertex> vertices;
  // For each vertex: where it leads, each vertex once.
  std::vector<std::vector<int>> to;
  // For each group: the least width of its box, for its title.
  std::vector<double> group_widths;
};

struct LayoutRect {
  double left = 0, top = 0, right = 0, bottom = 0;
  double center() const { return (left + right) / 2; }
};

// From one rank to the next: down from (x1, y1) to the edge of the rank (turn1), over to the next rank (turn2), down.
struct LayoutLine {
  int from = 0;
  double x1 = 0, y1 = 0, turn1 = 0, turn2 = 0, x2 = 0, y2 = 0;
  // The vertex that it ends at; -1 at a bend.
  int to = -1;
};

struct Layout {
  std::vector<LayoutRect> vertices;
  // With room for a title of kLayoutTitleHeight at the top. Members are inside, all others outside.
  std::vector<LayoutRect> groups;
  std::vector<LayoutLine> lines;
  // All of it lies within 0 to width, 0 to height.
  double width = 0, height = 0;
};

constexpr double kLayoutTitleHeight = 18;

Layout LayOut(const LayoutGraph& graph);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_DRAW_LAYOUT_H_
