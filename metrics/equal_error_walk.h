// The crossing of FAR and FRR on a ROC with whole (possibly weighted) counts, shared by the plain figure and the
// bootstrap. Integers decide, so that no rounding moves the crossing to another segment.
#ifndef DIARFLOW_METRICS_EQUAL_ERROR_WALK_H_
#define DIARFLOW_METRICS_EQUAL_ERROR_WALK_H_

#include <cstdint>

namespace diarflow {

// Takes the vertices after (0, 0) in order of falling threshold, until one lies on or beyond the crossing.
// REQUIRES: both totals > 0; their product is below 2^62.
class EqualErrorWalk {
 public:
  EqualErrorWalk(int64_t num_target, int64_t num_nontarget) : num_target_(num_target), num_nontarget_(num_nontarget) {}

  // `hits` target and `false_accepts` non-target trials are accepted at this vertex. True from the vertex on that ends
  // the segment with the crossing: rate() is known then.
  bool Reached(int64_t hits, int64_t false_accepts) {
    // FAR + TPR - 1 and FAR itself, times both totals.
    const int64_t far = false_accepts * num_target_;
    const int64_t excess = far + (hits - num_target_) * num_nontarget_;
    if (excess < 0) {
      last_false_accepts_ = false_accepts;
      last_excess_ = excess;
      started_ = true;
      return false;
    }
    const int64_t before = started_ ? last_excess_ : -num_target_ * num_nontarget_;
    const double share = static_cast<double>(-before) / static_cast<double>(excess - before);
    rate_ =
        (static_cast<double>(last_false_accepts_) + share * static_cast<double>(false_accepts - last_false_accepts_)) /
        static_cast<double>(num_nontarget_);
    return true;
  }

  double rate() const { return rate_; }

 private:
  const int64_t num_target_;
  const int64_t num_nontarget_;
  bool started_ = false;
  int64_t last_false_accepts_ = 0;
  int64_t last_excess_ = 0;
  double rate_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_EQUAL_ERROR_WALK_H_
