// Taking away what a channel does not carry: low and high frequencies.
#ifndef DIARFLOW_AUDIO_AUGMENT_BAND_LIMIT_H_
#define DIARFLOW_AUDIO_AUGMENT_BAND_LIMIT_H_

#include "absl/status/statusor.h"
#include "base/float_array.h"

namespace diarflow {

// Hz. An edge is where half of the amplitude is left (-6 dB).
struct Band {
  double low_hz = 0;           // 0: keeps all that is low
  double high_hz = 0;          // 0: keeps all that is high
  double transition_hz = 100;  // from all (to 0.02 dB) to nothing (below -55 dB), half of it on each side of an edge
};

// What a telephone carries.
inline constexpr Band kTelephoneBand = {300, 3400, 100};

// The filter: a sinc under a Kaiser window, linear in phase, [2 h + 1] with its centre at h.
// kInvalidArgument, naming the edge: a rate outside 1 to kMaxSampleRate; an edge that is not 0 and lies nearer than
// half of the transition to 0, to half of the rate or to the other edge; a transition that is not above 0 or so small
// that the filter is longer than 10^6 samples.
absl::StatusOr<FloatArray> BandFilter(int sample_rate, const Band& band);

// [N] to [N] without delay, taking zeros for what lies before and behind the samples. A band without edges gives the
// samples back. Errors of BandFilter() and ConvolveAligned().
absl::StatusOr<FloatArray> LimitBand(const FloatArray& samples, int sample_rate, const Band& band);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_BAND_LIMIT_H_
