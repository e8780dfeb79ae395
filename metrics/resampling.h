// What bootstraps share: a generator that gives the same numbers everywhere, and percentile intervals.
#ifndef DIARFLOW_METRICS_RESAMPLING_H_
#define DIARFLOW_METRICS_RESAMPLING_H_

#include <cstdint>
#include <vector>

namespace diarflow {

// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // 0 .. n - 1, the high word of a 64 x 64 bit product; uneven by at most n / 2^64.
  int64_t Below(int64_t n) {
    __extension__ using Product = unsigned __int128;
    return static_cast<int64_t>((static_cast<Product>(Next()) * static_cast<uint64_t>(n)) >> 64);
  }

 private:
  uint64_t state_;
};

struct Interval {
  double low = 0;
  double high = 0;
};

// From the (1 - confidence) / 2 to the (1 + confidence) / 2 quantile of the values; quantile q of n values lies at
// position q (n - 1) of the sorted ones, linear between neighbours. REQUIRES: one value at least.
Interval PercentileInterval(std::vector<double> values, double confidence);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_RESAMPLING_H_
