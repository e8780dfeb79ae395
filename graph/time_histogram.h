// A histogram of durations that many threads may fill at once without a lock, in a fixed 4 KB.
//
// Buckets are exact below 8 ns; above, every power of two is split into 8 equal buckets. A quantile is answered with
// the middle of its bucket, so it lies within 6.25 % of the exact one.
#ifndef DIARFLOW_GRAPH_TIME_HISTOGRAM_H_
#define DIARFLOW_GRAPH_TIME_HISTOGRAM_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace diarflow {

class TimeHistogram {
 public:
  // A duration in nanoseconds; a negative one counts as 0.
  void Add(int64_t nanos);

  int64_t Count() const { return count_.load(std::memory_order_relaxed); }
  // Nanoseconds.
  int64_t Sum() const { return sum_.load(std::memory_order_relaxed); }

  // The smallest duration that at least a share `q` (0 to 1) of all lies at or below: 0.5 is the median, 1 the
  // longest. Nanoseconds; 0 while the histogram is empty. Meant for when the adding is over: during it the answer may
  // miss what is being added.
  int64_t Quantile(double q) const;

 private:
  static constexpr int kStepBits = 3;
  static constexpr int kSteps = 1 << kStepBits;
  // Of the 63 bits of a duration the lowest 3 share the exact buckets.
  static constexpr size_t kBuckets = kSteps * (63 - kStepBits + 1);

  static size_t BucketOf(uint64_t nanos);
  static int64_t MiddleOf(size_t bucket);

  std::array<std::atomic<int64_t>, kBuckets> buckets_{};
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> sum_{0};
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_TIME_HISTOGRAM_H_
