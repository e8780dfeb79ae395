#include "graph/draw_layout.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "graph/draw_layers.h"

namespace diarflow {
namespace {

constexpr double kRankGap = 22;  // between ranks; more where lines lead far to the side
constexpr double kMostRankGap = 44;
constexpr double kBendWidth = 4;

class Layouter {
 public:
  explicit Layouter(const LayoutGraph& graph) : graph_(graph) { layers_.group_widths = graph.group_widths; }

  Layout Run() {
    for (const LayoutVertex& vertex : graph_.vertices) {
      Cell cell;
      cell.width = vertex.width;
      cell.height = vertex.height;
      cell.group = vertex.group;
      cell.low = vertex.low;
      cells_.push_back(std::move(cell));
    }
    AssignRanks();
    AddBends();
    AddGroupPlaces();
    OrderLayers(&layers_);
    PositionLayers(&layers_);
    return Finish();
  }

 private:
  void AssignRanks() {
    const size_t n = graph_.vertices.size();
    std::vector<int> waiting(n, 0), ready;
    for (const auto& targets : graph_.to) {
      for (const int to : targets) ++waiting[to];
    }
    for (size_t v = 0; v < n; ++v) {
      if (waiting[v] == 0) ready.push_back(static_cast<int>(v));
    }
    for (size_t i = 0; i < ready.size(); ++i) {
      const int v = ready[i];
      for (const int to : graph_.to[v]) {
        cells_[to].rank = std::max(cells_[to].rank, cells_[v].rank + 1);
        if (--waiting[to] == 0) ready.push_back(to);
      }
    }
    for (size_t v = 0; v < n; ++v) {
      if (!graph_.vertices[v].low || graph_.to[v].empty()) continue;
      int nearest = std::numeric_limits<int>::max();
      for (const int to : graph_.to[v]) nearest = std::min(nearest, cells_[to].rank);
      cells_[v].rank = nearest - 1;
    }
  }

  int AddCell(double width, int rank, int group) {
    Cell cell;
    cell.width = width;
    cell.rank = rank;
    cell.group = group;
    cells_.push_back(std::move(cell));
    return static_cast<int>(cells_.size()) - 1;
  }

  void Link(int upper, int lower) {
    cells_[upper].down.push_back(lower);
    cells_[lower].up.push_back(upper);
  }

  // Readers in later ranks hang on one chain of bends. It stays within the group of its origin as far down as one of
  // the readers does.
  void AddBends() {
    for (size_t v = 0; v < graph_.vertices.size(); ++v) {
      std::vector<int> targets = graph_.to[v];
      std::stable_sort(targets.begin(), targets.end(), [&](int a, int b) { return cells_[a].rank < cells_[b].rank; });
      const int group = cells_[v].group;
      int last_of_group = -1;
      for (const int to : targets) {
        if (group >= 0 && cells_[to].group == group) last_of_group = cells_[to].rank;
      }
      int end = static_cast<int>(v);
      for (const int to : targets) {
        while (cells_[end].rank + 1 < cells_[to].rank) {
          const int rank = cells_[end].rank + 1;
          const int bend = AddCell(kBendWidth, rank, rank < last_of_group ? group : -1);
          cells_[bend].low = cells_[v].low;
          Link(end, bend);
          end = bend;
        }
        Link(end, to);
      }
    }
  }

  void AddGroupPlaces() {
    int ranks = 0;
    for (const Cell& cell : cells_) ranks = std::max(ranks, cell.rank + 1);
    std::vector<std::vector<bool>> present(graph_.group_widths.size(), std::vector<bool>(ranks, false));
    spans_.assign(graph_.group_widths.size(), {ranks, -1});
    for (const Cell& cell : cells_) {
      if (cell.group < 0) continue;
      present[cell.group][cell.rank] = true;
      auto& [first, last] = spans_[cell.group];
      first = std::min(first, cell.rank);
      last = std::max(last, cell.rank);
    }
    for (size_t g = 0; g < spans_.size(); ++g) {
      for (int rank = spans_[g].first; rank <= spans_[g].second; ++rank) {
        if (!present[g][rank]) AddCell(0, rank, static_cast<int>(g));
      }
    }
    ranks_.resize(ranks);
    for (size_t c = 0; c < cells_.size(); ++c) ranks_[cells_[c].rank].push_back(static_cast<int>(c));
  }

  // The top and bottom of each rank.
  std::vector<std::pair<double, double>> PlaceRanks() const {
    std::vector<std::pair<double, double>> bands;
    double y = 0;
    for (size_t r = 0; r < ranks_.size(); ++r) {
      double height = 0, farthest = 0;
      for (const int c : ranks_[r]) {
        height = std::max(height, cells_[c].height);
        for (const int upper : cells_[c].up) farthest = std::max(farthest, std::abs(cells_[c].x - cells_[upper].x));
      }
      if (r > 0) y += std::min(kMostRankGap, std::max(kRankGap, farthest / 5));
      const int rank = static_cast<int>(r);
      const bool opens = std::any_of(spans_.begin(), spans_.end(), [&](const auto& s) { return s.first == rank; });
      const bool closes = std::any_of(spans_.begin(), spans_.end(), [&](const auto& s) { return s.second == rank; });
      if (opens) y += kLayoutTitleHeight + kLayerGroupPad;
      bands.push_back({y, y + height});
      y += height + (closes ? kLayerGroupPad : 0);
    }
    return bands;
  }

  Layout Finish() const {
    const auto bands = PlaceRanks();
    Layout layout;
    double least = std::numeric_limits<double>::max(), most = std::numeric_limits<double>::lowest();
    for (const Cell& cell : cells_) {
      least = std::min(least, cell.x - cell.width / 2);
      most = std::max(most, cell.x + cell.width / 2);
    }
    for (size_t g = 0; g < spans_.size(); ++g) {
      if (spans_[g].second < 0) continue;
      least = std::min(least, layers_.left[g]);
      most = std::max(most, layers_.right[g]);
    }
    if (cells_.empty()) return layout;
    layout.width = most - least;
    layout.height = bands.back().second;
    const auto rect = [&](const Cell& cell) {
      const double middle = (bands[cell.rank].first + bands[cell.rank].second) / 2;
      return LayoutRect{cell.x - cell.width / 2 - least, middle - cell.height / 2, cell.x + cell.width / 2 - least,
                        middle + cell.height / 2};
    };
    const auto vertices = static_cast<int>(graph_.vertices.size());
    for (int v = 0; v < vertices; ++v) layout.vertices.push_back(rect(cells_[v]));
    for (size_t g = 0; g < spans_.size(); ++g) {
      if (spans_[g].second < 0) {
        layout.groups.push_back({});
        continue;
      }
      const double bottom = bands[spans_[g].second].second + kLayerGroupPad;
      layout.groups.push_back({layers_.left[g] - least,
                               bands[spans_[g].first].first - kLayerGroupPad - kLayoutTitleHeight,
                               layers_.right[g] - least, bottom});
      layout.height = std::max(layout.height, bottom);
    }
    for (int c = 0; c < static_cast<int>(cells_.size()); ++c) {
      for (const int lower : cells_[c].down) {
        LayoutLine line;
        line.from = OriginOf(c);
        line.x1 = cells_[c].x - least;
        line.x2 = cells_[lower].x - least;
        // Lines lead through a bend from the top of its rank to the bottom.
        line.y1 = c < vertices ? rect(cells_[c]).bottom : bands[cells_[c].rank].first;
        line.turn1 = bands[cells_[c].rank].second;
        line.turn2 = bands[cells_[lower].rank].first;
        line.y2 = lower < vertices ? rect(cells_[lower]).top : line.turn2;
        line.to = lower < vertices ? lower : -1;
        layout.lines.push_back(line);
      }
    }
    return layout;
  }

  // The vertex that a bend belongs to.
  int OriginOf(int cell) const {
    while (cell >= static_cast<int>(graph_.vertices.size())) cell = cells_[cell].up.front();
    return cell;
  }

  const LayoutGraph& graph_;
  Layers layers_;
  std::vector<Cell>& cells_ = layers_.cells;
  std::vector<std::vector<int>>& ranks_ = layers_.ranks;
  std::vector<std::pair<int, int>>& spans_ = layers_.spans;
};

}  // namespace

Layout LayOut(const LayoutGraph& graph) { return Layouter(graph).Run(); }

}  // namespace diarflow
