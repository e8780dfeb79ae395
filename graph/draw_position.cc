#include <algorithm>
#include <cstddef>
#include <limits>

#include "graph/draw_layers.h"

namespace diarflow {
namespace {

constexpr int kPositionSweeps = 40;
constexpr int kStraightenPasses = 6;

class Positioner {
 public:
  explicit Positioner(Layers* layers) : layers_(*layers) {}

  void Run() {
    Position();
    FindChains();
    Straighten();
    SeparateGroups();
    Straighten();
  }

 private:
  // As near to where each cell of the rank wants to be as their order and distances allow, in least squares: cells
  // that would overlap form a block, which stands at the mean of what its cells want.
  void Settle(const std::vector<int>& rank, const std::vector<double>& wanted) {
    struct Block {
      double sum;
      size_t count;
      double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<Block> blocks;
    std::vector<double> offset(rank.size(), 0);
    for (size_t i = 0; i < rank.size(); ++i) {
      if (i > 0) offset[i] = offset[i - 1] + Distance(rank[i - 1], rank[i]);
      blocks.push_back({wanted[i] - offset[i], 1});
      while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
        blocks[blocks.size() - 2].sum += blocks.back().sum;
        blocks[blocks.size() - 2].count += blocks.back().count;
        blocks.pop_back();
      }
    }
    size_t i = 0;
    for (const Block& block : blocks) {
      for (size_t k = 0; k < block.count; ++k, ++i) cells_[rank[i]].x = block.mean() + offset[i];
    }
  }

  // Those that a cell is drawn to: what stands low follows its readers, not they it.
  std::vector<int> Pulling(const std::vector<int>& neighbours, const Cell& cell) const {
    std::vector<int> pulling;
    for (const int c : neighbours) {
      if (cell.low || !cells_[c].low) pulling.push_back(c);
    }
    return pulling;
  }

  void Position() {
    for (int sweep = 0; sweep < kPositionSweeps; ++sweep) {
      const bool down = sweep % 2 == 0;
      for (size_t i = 0; i < ranks_.size(); ++i) {
        const std::vector<int>& rank = ranks_[down ? i : ranks_.size() - 1 - i];
        std::vector<double> wanted;
        for (const int c : rank) {
          const Cell& cell = cells_[c];
          const double above = MeanX(Pulling(cell.up, cell), MeanX(cell.down, cell.x));
          const double below = MeanX(cell.down, above);
          wanted.push_back((above + below) / 2);
        }
        Settle(rank, wanted);
      }
    }
  }

  // Cells one below the other without a branch: they ought to be one straight line.
  void FindChains() {
    std::vector<bool> taken(cells_.size(), false);
    const auto next = [&](int c) {
      if (cells_[c].down.size() != 1) return -1;
      const int below = cells_[c].down.front();
      return Pulling(cells_[below].up, cells_[below]).size() == 1 && cells_[below].low == cells_[c].low ? below : -1;
    };
    for (const auto& rank : ranks_) {
      for (const int first : rank) {
        std::vector<int> chain;
        for (int c = first; c >= 0 && !taken[c]; c = next(c)) {
          taken[c] = true;
          chain.push_back(c);
        }
        if (!chain.empty()) chains_.push_back(std::move(chain));
      }
    }
    place_.resize(cells_.size());
    for (const auto& rank : ranks_) {
      for (size_t i = 0; i < rank.size(); ++i) place_[rank[i]] = i;
    }
  }

  // How far a cell may go to the left and to the right between its neighbours.
  std::pair<double, double> RoomOf(int c) const {
    const Cell& cell = cells_[c];
    const std::vector<int>& rank = ranks_[cell.rank];
    double left = std::numeric_limits<double>::lowest(), right = std::numeric_limits<double>::max();
    const bool boxes = !left_.empty();
    if (place_[c] > 0) {
      const int other = rank[place_[c] - 1];
      const int group = cells_[other].group;
      left = cells_[other].x + Distance(other, c);
      if (boxes && group >= 0 && group != cell.group) left = right_[group] + kLayerGap + cell.width / 2;
    }
    if (place_[c] + 1 < rank.size()) {
      const int other = rank[place_[c] + 1];
      const int group = cells_[other].group;
      right = cells_[other].x - Distance(c, other);
      if (boxes && group >= 0 && group != cell.group) right = left_[group] - kLayerGap - cell.width / 2;
    }
    if (boxes && cell.group >= 0) {
      left = std::max(left, left_[cell.group] + kLayerGroupPad + cell.width / 2);
      right = std::min(right, right_[cell.group] - kLayerGroupPad - cell.width / 2);
    }
    return {left, right};
  }

  // Makes room to the right of a cell.
  void PushRight(int c) {
    const std::vector<int>& rank = ranks_[cells_[c].rank];
    for (size_t i = place_[c] + 1; i < rank.size(); ++i) {
      Cell& cell = cells_[rank[i]];
      cell.x = std::max(cell.x, cells_[rank[i - 1]].x + Distance(rank[i - 1], rank[i]));
    }
  }

  // Puts each chain on one x, between its neighbours; where they leave no room, those to the right make it, as long
  // as the boxes of groups do not stand yet.
  void Straighten() {
    for (int pass = 0; pass < kStraightenPasses; ++pass) {
      for (const std::vector<int>& chain : chains_) {
        double left = std::numeric_limits<double>::lowest(), right = std::numeric_limits<double>::max();
        for (const int c : chain) {
          const auto [least, most] = RoomOf(c);
          left = std::max(left, least);
          right = std::min(right, most);
        }
        if (left > right && !left_.empty()) continue;
        const Cell& first = cells_[chain.front()];
        const Cell& last = cells_[chain.back()];
        const double above = MeanX(Pulling(first.up, first), MeanX(last.down, MeanX(chain, 0)));
        const double wanted = (above + MeanX(last.down, above)) / 2;
        const double x = left > right ? left : std::clamp(wanted, left, right);
        for (const int c : chain) {
          cells_[c].x = x;
          PushRight(c);
        }
      }
    }
  }

  // Groups' boxes reach over several ranks: pushes to the right what would stand in one, and the boxes themselves.
  // The order is the same in all ranks, so the pushing ends.
  void SeparateGroups() {
    const size_t groups = spans_.size();
    left_.assign(groups, std::numeric_limits<double>::max());
    right_.assign(groups, std::numeric_limits<double>::lowest());
    for (const Cell& cell : cells_) {
      if (cell.group >= 0) left_[cell.group] = std::min(left_[cell.group], cell.x - cell.width / 2 - kLayerGroupPad);
    }
    bool moved = groups > 0;
    const auto push = [&moved](double& x, double least) {
      if (x >= least - 1e-9) return;
      x = least;
      moved = true;
    };
    while (moved) {
      moved = false;
      for (const auto& rank : ranks_) {
        for (size_t i = 0; i < rank.size(); ++i) {
          Cell& cell = cells_[rank[i]];
          if (i > 0) {
            const Cell& before = cells_[rank[i - 1]];
            const double edge =
                before.group < 0 || before.group == cell.group ? before.x + before.width / 2 : right_[before.group];
            if (cell.group >= 0 && cell.group != before.group) push(left_[cell.group], edge + kLayerGap);
            if (cell.group < 0 || cell.group == before.group) push(cell.x, edge + kLayerGap + cell.width / 2);
          }
          if (cell.group < 0) continue;
          push(cell.x, left_[cell.group] + kLayerGroupPad + cell.width / 2);
          push(right_[cell.group], cell.x + cell.width / 2 + kLayerGroupPad);
          push(right_[cell.group], left_[cell.group] + layers_.group_widths[cell.group]);
        }
      }
    }
  }

  double Distance(int a, int b) const { return layers_.Distance(a, b); }
  double MeanX(const std::vector<int>& some, double otherwise) const { return layers_.MeanX(some, otherwise); }

  Layers& layers_;
  std::vector<Cell>& cells_ = layers_.cells;
  const std::vector<std::vector<int>>& ranks_ = layers_.ranks;
  const std::vector<std::pair<int, int>>& spans_ = layers_.spans;
  std::vector<double>& left_ = layers_.left;
  std::vector<double>& right_ = layers_.right;
  std::vector<std::vector<int>> chains_;
  // Of each cell: where it stands in its rank.
  std::vector<size_t> place_;
};

}  // namespace

double Layers::Distance(int left_cell, int right_cell) const {
  const Cell& a = cells[left_cell];
  const Cell& b = cells[right_cell];
  double distance = (a.width + b.width) / 2 + kLayerGap;
  if (a.group != b.group) distance += (a.group >= 0 ? kLayerGroupPad : 0) + (b.group >= 0 ? kLayerGroupPad : 0);
  return distance;
}

double Layers::MeanX(const std::vector<int>& some, double otherwise) const {
  if (some.empty()) return otherwise;
  double sum = 0;
  for (const int c : some) sum += cells[c].x;
  return sum / static_cast<double>(some.size());
}

void PositionLayers(Layers* layers) { Positioner(layers).Run(); }

}  // namespace diarflow
