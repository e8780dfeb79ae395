// How much of a timeline is covered, and how much more than once, while intervals are added.
#ifndef DIARFLOW_DATASETS_SIMULATOR_COVERAGE_H_
#define DIARFLOW_DATASETS_SIMULATOR_COVERAGE_H_

#include <cstdint>
#include <map>

namespace diarflow {

// Intervals [begin, end) of integers.
class Coverage {
 public:
  // REQUIRES: begin <= end. O(log n + intervals touched).
  void Add(int64_t begin, int64_t end);

  // Covered at least once, and at least twice.
  int64_t covered() const { return covered_; }
  int64_t overlapped() const { return overlapped_; }

  // The latest start in [earliest, latest] from which an interval of `length` would raise overlapped() by `amount`;
  // when none does, the latest one of those that raise it most. REQUIRES: earliest <= latest, nothing is covered behind
  // `latest`.
  int64_t LatestStart(int64_t earliest, int64_t latest, int64_t length, int64_t amount) const;

 private:
  // Number of intervals from each key to the next; 0 before the first.
  std::map<int64_t, int> depth_from_;
  int64_t covered_ = 0;
  int64_t overlapped_ = 0;

  std::map<int64_t, int>::iterator Cut(int64_t at);
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_COVERAGE_H_
