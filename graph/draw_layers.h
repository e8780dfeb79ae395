// The ranks of a drawing while its layout is made. Internal to graph/draw_layout.cc, which explains the method.
#ifndef DIARFLOW_GRAPH_DRAW_LAYERS_H_
#define DIARFLOW_GRAPH_DRAW_LAYERS_H_

#include <utility>
#include <vector>

namespace diarflow {

// A vertex, a bend of a wire, or the empty place that keeps a group's box free in a rank where it has no member.
struct Cell {
  double width = 0;
  double height = 0;
  int group = -1;
  int rank = 0;
  double x = 0;  // of the middle
  // LayoutVertex.low, and the bends of such a vertex.
  bool low = false;
  std::vector<int> up, down;
};

struct Layers {
  std::vector<Cell> cells;
  // From top to bottom: the cells of each rank from left to right.
  std::vector<std::vector<int>> ranks;
  // Of each group: its first and last rank; the least width of its box; the sides of its box, once they are known.
  std::vector<std::pair<int, int>> spans;
  std::vector<double> group_widths;
  std::vector<double> left, right;

  // The least distance between the middles of two neighbours of a rank.
  double Distance(int left_cell, int right_cell) const;
  // Of some cells; `otherwise` where there are none.
  double MeanX(const std::vector<int>& some, double otherwise) const;
};

constexpr double kLayerGap = 18;       // between neighbours of a rank
constexpr double kLayerGroupPad = 10;  // between a group's box and its members

// Orders each rank so that few lines cross. A group's cells are side by side in each rank, and groups stand in the
// same order in all ranks.
void OrderLayers(Layers* layers);

// Chooses x for all cells, and the sides of the groups' boxes; the order stays.
void PositionLayers(Layers* layers);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_DRAW_LAYERS_H_
