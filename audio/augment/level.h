// How loud a sound is, and making it louder.
//
// Samples have a full scale of 1. Levels are in dBFS: 20 log10 of the root mean square, so a square wave at full scale
// has 0 dBFS and a sine at full scale -3.01 dBFS (AES17 adds 3.01 dB; this library does not). Silence has -infinity.
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

// 10^(db / 20), and back.
double GainFromDb(double db);
double DbFromGain(double gain);

// Sum of squares, in double.
double Energy(absl::Span<const float> samples);
// Root mean square; 0 of no samples.
double RootMeanSquare(absl::Span<const float> samples);
// Its level in dBFS.
double LevelDbfs(absl::Span<const float> samples);

// The level over the samples of the spans alone, each sample once where spans overlap (the active speech of a
// recording). kInvalidArgument: errors of MergeSpans(), or no sample lies in any span.
absl::StatusOr<double> ActiveLevelDbfs(absl::Span<const float> samples, absl::Span<const ActiveSpan> active);

// Multiplies by GainFromDb(db). Nothing is clipped. kInvalidArgument when db is NaN or +infinity.
absl::Status ApplyGainDb(double db, absl::Span<float> samples);

// The largest magnitude; 0 of no samples.
double Peak(absl::Span<const float> samples);
// Scales so that the peak becomes `peak`, and gives the factor. kInvalidArgument, with the samples untouched: a peak
// that is not above 0, samples that are all 0 or not all finite.
absl::StatusOr<double> NormalizePeak(double peak, absl::Span<float> samples);

struct Clipping {
  int64_t samples = 0;  // at or beyond full scale
  int64_t runs = 0;     // of neighbours among them
  int64_t longest = 0;  // samples of the longest run
};

// Counts |x| >= threshold. A file of 16 bit integers that was clipped at its writer has runs of 32767 / 32768.
Clipping CountClipping(absl::Span<const float> samples, double threshold = 32767.0 / 32768.0);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_LEVEL_H_
