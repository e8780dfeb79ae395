// The reverberation time of an impulse response, from its own decay.
#ifndef DIARFLOW_AUDIO_AUGMENT_DECAY_H_
#define DIARFLOW_AUDIO_AUGMENT_DECAY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace diarflow {

// Schroeder's backward integral ("New method of measuring reverberation time", JASA 37, 1965): for each sample the
// energy from it to the end, in dB relative to all of it; 0 dB first. -infinity where nothing follows.
std::vector<double> EnergyDecayDb(absl::Span<const float> response);

// Seconds for 60 dB, from a straight line fitted by least squares to the decay between -5 and -5 - range_db (ISO 3382:
// range_db 20 is T20, 30 is T30). The response should reach 15 dB beyond that range, or its end bends the curve.
// kInvalidArgument: a rate below 1, a range outside 1 to 100 dB, a silent response or one that holds a number that is
// not finite, or a decay with fewer than two samples in the range.
absl::StatusOr<double> MeasureT60(absl::Span<const float> response, int sample_rate, double range_db = 30);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_DECAY_H_
