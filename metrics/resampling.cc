#include "metrics/resampling.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace diarflow {
namespace {

double Quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = std::min(static_cast<size_t>(position), sorted.size() - 1);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Interval PercentileInterval(std::vector<double> values, double confidence) {
  assert(!values.empty());
  std::sort(values.begin(), values.end());
  return {Quantile(values, 0.5 - 0.5 * confidence), Quantile(values, 0.5 + 0.5 * confidence)};
}

}  // namespace diarflow
