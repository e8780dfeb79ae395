// How loud a sound is, and making it louder. Samples have a full scale of 1.
#ifndef DIARFLOW_AUDIO_AUGMENT_LEVEL_H_
#define DIARFLOW_AUDIO_AUGMENT_LEVEL_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace diarflow {

// Samples [begin, end) in which somebody speaks, say.
struct ActiveSpan {
  int64_t begin = 0;
  int64_t end = 0;
};

// The samples that lie in at least one span, as disjoint spans in order; spans without samples are left out.
// kInvalidArgument, naming the span, when one begins before 0, ends before it begins, or ends behind `num_samples`.
absl::StatusOr<std::vector<ActiveSpan>> MergeSpans(absl::Span<const ActiveSpan> spans, int64_t num_samples);

// 10^(db / 20).
double GainFromDb(double db);

// Sum of squares, in double.
double Energy(absl::Span<const float> samples);

// Multiplies by GainFromDb(db). Nothing is clipped. kInvalidArgument when db is NaN or +infinity.
absl::Status ApplyGainDb(double db, absl::Span<float> samples);

// The largest magnitude; 0 of no samples.
double Peak(absl::Span<const float> samples);
// Scales so that the peak becomes `peak`, and gives the factor. kInvalidArgument, with the samples untouched: a peak
// that is not above 0, samples that are all 0 or not all finite.
absl::StatusOr<double> NormalizePeak(double peak, absl::Span<float> samples);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_LEVEL_H_
