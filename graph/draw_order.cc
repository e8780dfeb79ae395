#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>

#include "graph/draw_layers.h"

namespace diarflow {
namespace {

constexpr int kOrderSweeps = 24;

class Orderer {
 public:
  explicit Orderer(Layers* layers) : layers_(*layers) {}

  void Run() {
    for (const auto& rank : ranks_) Pack(rank);
    std::vector<std::vector<int>> best;
    int64_t fewest = std::numeric_limits<int64_t>::max();
    for (int sweep = 0; sweep < kOrderSweeps && fewest > 0; ++sweep) {
      SweepOrder(sweep % 2 == 0);
      const int64_t crossings = Crossings();
      if (crossings >= fewest) continue;
      fewest = crossings;
      best = ranks_;
    }
    ranks_ = std::move(best);
    for (const auto& rank : ranks_) Pack(rank);
  }

 private:
  // Each rank by the means of its neighbours above (below). A group stands at one place for all ranks, so its members
  // are side by side and groups keep their order from rank to rank.
  void SweepOrder(bool down) {
    std::vector<double> sum(spans_.size(), 0), count(spans_.size(), 0);
    for (const Cell& cell : cells_) {
      if (cell.group < 0) continue;
      sum[cell.group] += cell.x;
      ++count[cell.group];
    }
    using Key = std::tuple<double, int, double>;
    for (size_t i = 0; i < ranks_.size(); ++i) {
      std::vector<int>& rank = ranks_[down ? i : ranks_.size() - 1 - i];
      std::vector<std::pair<Key, int>> keyed;
      for (const int c : rank) {
        const Cell& cell = cells_[c];
        const double own = MeanX(down ? cell.up : cell.down, cell.x);
        keyed.push_back({{cell.group < 0 ? own : sum[cell.group] / count[cell.group], cell.group, own}, c});
      }
      std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (size_t k = 0; k < rank.size(); ++k) rank[k] = keyed[k].second;
      Pack(rank);
    }
  }

  int64_t Crossings() const {
    std::vector<int> place(cells_.size());
    for (const auto& rank : ranks_) {
      for (size_t i = 0; i < rank.size(); ++i) place[rank[i]] = static_cast<int>(i);
    }
    int64_t crossings = 0;
    for (const auto& rank : ranks_) {
      // Of the lines so far, from left to right: how many end at each place below.
      std::vector<int> ends;
      for (const int c : rank) {
        std::vector<int> below;
        for (const int lower : cells_[c].down) below.push_back(place[lower]);
        for (const int end : below) {
          crossings += ends.end() - std::upper_bound(ends.begin(), ends.end(), end);
        }
        for (const int end : below) ends.insert(std::upper_bound(ends.begin(), ends.end(), end), end);
      }
    }
    return crossings;
  }

  // Side by side around 0.
  void Pack(const std::vector<int>& rank) {
    double x = 0;
    for (size_t i = 0; i < rank.size(); ++i) {
      if (i > 0) x += Distance(rank[i - 1], rank[i]);
      cells_[rank[i]].x = x;
    }
    for (const int c : rank) cells_[c].x -= x / 2;
  }

  double Distance(int a, int b) const { return layers_.Distance(a, b); }
  double MeanX(const std::vector<int>& some, double otherwise) const { return layers_.MeanX(some, otherwise); }

  Layers& layers_;
  std::vector<Cell>& cells_ = layers_.cells;
  std::vector<std::vector<int>>& ranks_ = layers_.ranks;
  const std::vector<std::pair<int, int>>& spans_ = layers_.spans;
};

}  // namespace

void OrderLayers(Layers* layers) { Orderer(layers).Run(); }

}  // namespace diarflow
