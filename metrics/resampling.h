// What bootstraps share: percentile intervals.
#ifndef DIARFLOW_METRICS_RESAMPLING_H_
#define DIARFLOW_METRICS_RESAMPLING_H_

#include <vector>

namespace diarflow {

struct Interval {
  double low = 0;
  double high = 0;
};

// From the (1 - confidence) / 2 to the (1 + confidence) / 2 quantile of the values; quantile q of n values lies at
// position q (n - 1) of the sorted ones, linear between neighbours. REQUIRES: one value at least.
Interval PercentileInterval(std::vector<double> values, double confidence);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_RESAMPLING_H_
