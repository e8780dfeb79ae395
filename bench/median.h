// The middle of what repeated rounds have measured.
#ifndef DIARFLOW_BENCH_MEDIAN_H_
#define DIARFLOW_BENCH_MEDIAN_H_

#include <algorithm>
#include <cstddef>
#include <vector>

namespace diarflow {

// Of an even number the mean of the middle two. REQUIRES: at least one value.
inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_MEDIAN_H_
