// The frame error of the original experiments (session_order_error.h) over the windows of a session, each for itself,
// and what systems that are perfect but for the order of their columns have there.
//
// Labels [T, K], 0 or 1, columns in the order in which speakers arrive in the whole session; windows of `window` frames
// one behind the other, the last one may be shorter. Tallies are in half frames. REQUIRES: window > 0.
#ifndef DIARFLOW_METRICS_WINDOW_ORDER_SCORES_H_
#define DIARFLOW_METRICS_WINDOW_ORDER_SCORES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "metrics/session_tally.h"

namespace diarflow {

// Activity [T, K], 0 to 1, of a system: in each window the median of `median_frames` (an odd number) around each frame,
// with silence at either end, against `threshold`.
absl::StatusOr<SessionTally> TallyWindowActivity(const FloatArray& labels, int64_t window, const FloatArray& activity,
                                                 double threshold, int median_frames);

// All speech in the first column.
absl::StatusOr<SessionTally> TallyOneColumn(const FloatArray& labels, int64_t window);
// The labels with the columns of each window in the order in which they become active in it.
absl::StatusOr<SessionTally> TallyArrivalOrder(const FloatArray& labels, int64_t window);
// The labels with the columns of each window in an order that is drawn.
absl::StatusOr<SessionTally> TallyRandomOrder(const FloatArray& labels, int64_t window, uint64_t seed);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_WINDOW_ORDER_SCORES_H_
