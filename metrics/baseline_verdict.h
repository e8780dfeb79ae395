// What the equal error rate of mean-pooled codec latents means for the plan to diarize with them: the bands of the
// baseline experiment, set before it was run.
#ifndef DIARFLOW_METRICS_BASELINE_VERDICT_H_
#define DIARFLOW_METRICS_BASELINE_VERDICT_H_

#include "absl/strings/string_view.h"

namespace diarflow {

// For a rate (0 to 1, not percent), below 0.15: "strong, adapter straightforward"; below 0.20: "adapter viable"; below
// 0.30: "weak"; else, NaN included: "go to a speaker encoder". A rate on a boundary belongs to the worse band.
absl::string_view BaselineVerdict(double eer);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_BASELINE_VERDICT_H_
