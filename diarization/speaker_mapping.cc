#include "diarization/speaker_mapping.h"

#include <cassert>
#include <cstddef>

namespace diarflow {
namespace {

// Potentials of integer problems can grow to the number of rows times the greatest weight: 64 bits may not do.
__extension__ using Int128 = __int128;

// `Weight` is an input, `Sum` holds potentials. weight_at(row, column) with rows <= columns.
template <typename Sum, typename WeightAt>
class Assignment {
 public:
  Assignment(int rows, int columns, WeightAt weight_at)
      : columns_(columns),
        weight_at_(weight_at),
        row_of_(columns + 1, -1),
        row_potential_(rows),
        column_potential_(columns) {
    for (int row = 0; row < rows; ++row) Augment(row);
  }

  int row_of(int column) const { return row_of_[column]; }

 private:
  // Finds the cheapest alternating path from `row` to a free column and flips it. The cost of a pair is minus its
  // weight. Column number columns_ stands for the start of the path.
  void Augment(int row) {
    std::vector<Sum> slack(columns_);
    std::vector<int> previous(columns_, columns_);
    std::vector<bool> has_slack(columns_, false);
    std::vector<bool> visited(columns_ + 1, false);
    row_of_[columns_] = row;
    int column = columns_;
    do {
      visited[column] = true;
      const int from = row_of_[column];
      int nearest = -1;
      for (int j = 0; j < columns_; ++j) {
        if (visited[j]) continue;
        const Sum reduced = -static_cast<Sum>(weight_at_(from, j)) - row_potential_[from] - column_potential_[j];
        if (!has_slack[j] || reduced < slack[j]) {
          has_slack[j] = true;
          slack[j] = reduced;
          previous[j] = column;
        }
        if (nearest < 0 || slack[j] < slack[nearest]) nearest = j;
      }
      const Sum step = slack[nearest];
      row_potential_[row] += step;
      for (int j = 0; j < columns_; ++j) {
        if (visited[j]) {
          row_potential_[row_of_[j]] += step;
          column_potential_[j] -= step;
        } else {
          slack[j] -= step;
        }
      }
      column = nearest;
    } while (row_of_[column] >= 0);
    while (column != columns_) {
      row_of_[column] = row_of_[previous[column]];
      column = previous[column];
    }
  }

  const int columns_;
  const WeightAt weight_at_;
  std::vector<int> row_of_;
  std::vector<Sum> row_potential_;
  std::vector<Sum> column_potential_;
};

template <typename Sum, typename Weight>
std::vector<int> Solve(const std::vector<Weight>& weights, int rows, int columns) {
  assert(weights.size() == static_cast<size_t>(rows) * static_cast<size_t>(columns));
  const auto weight_of = [&](int row, int column) { return weights[static_cast<size_t>(row) * columns + column]; };
  std::vector<int> column_of(rows, -1);
  const auto set = [&](int row, int column) {
    if (row >= 0 && column >= 0 && weight_of(row, column) > 0) column_of[row] = column;
  };
  if (rows <= columns) {
    const Assignment<Sum, decltype(weight_of)> assignment(rows, columns, weight_of);
    for (int column = 0; column < columns; ++column) set(assignment.row_of(column), column);
  } else {
    const auto transposed = [&](int row, int column) { return weight_of(column, row); };
    const Assignment<Sum, decltype(transposed)> assignment(columns, rows, transposed);
    for (int row = 0; row < rows; ++row) set(row, assignment.row_of(row));
  }
  return column_of;
}

}  // namespace

std::vector<int> MaximumWeightAssignment(const std::vector<int64_t>& weights, int rows, int columns) {
  return Solve<Int128>(weights, rows, columns);
}

std::vector<int> MaximumWeightAssignment(const std::vector<double>& weights, int rows, int columns) {
  return Solve<double>(weights, rows, columns);
}

}  // namespace diarflow
