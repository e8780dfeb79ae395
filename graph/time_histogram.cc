#include "graph/time_histogram.h"

#include <algorithm>
#include <cmath>

namespace diarflow {

size_t TimeHistogram::BucketOf(uint64_t nanos) {
  if (nanos < kSteps) return nanos;
  int exponent = kStepBits;
  while ((nanos >> exponent) >= 2) ++exponent;
  const uint64_t step = (nanos >> (exponent - kStepBits)) - kSteps;
  return static_cast<size_t>(kSteps * (exponent - kStepBits + 1)) + step;
}

int64_t TimeHistogram::MiddleOf(size_t bucket) {
  if (bucket < kSteps) return static_cast<int64_t>(bucket);
  const int shift = static_cast<int>(bucket / kSteps) - 1;
  const auto first = static_cast<int64_t>((kSteps + bucket % kSteps) << shift);
  return first + ((int64_t{1} << shift) - 1) / 2;
}

void TimeHistogram::Add(int64_t nanos) {
  nanos = std::max<int64_t>(nanos, 0);
  buckets_[BucketOf(static_cast<uint64_t>(nanos))].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(nanos, std::memory_order_relaxed);
}

int64_t TimeHistogram::Quantile(double q) const {
  const int64_t count = Count();
  const auto wanted = static_cast<int64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count)));
  const int64_t rank = std::max<int64_t>(wanted, 1);
  int64_t below = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    below += buckets_[bucket].load(std::memory_order_relaxed);
    if (below >= rank) return MiddleOf(bucket);
  }
  return 0;
}

}  // namespace diarflow
