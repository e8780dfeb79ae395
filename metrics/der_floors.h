// What a diarization error rate is worth: systems that are told from the reference when somebody speaks, and next to
// nothing about who. To be printed beside every score.
#ifndef DIARFLOW_METRICS_DER_FLOORS_H_
#define DIARFLOW_METRICS_DER_FLOORS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "metrics/der.h"

namespace diarflow {

// One speaker, who says everything: a turn for every stretch of speech (turns that overlap or touch make one stretch).
Recording OneSpeakerHypothesis(const Recording& reference);

// Knows every speaker, but one at a time: where turns overlap, the one that began first goes on (of those that began
// together the shorter, then by name). Its errors are what a system without overlap cannot avoid.
Recording OracleWithoutOverlap(const Recording& reference);

struct RandomSpeakersOptions {
  int num_speakers = 4;  // >= 1
  int draws = 100;       // >= 1
  uint64_t seed = 1;
};

// Every stretch of speech goes to one of `num_speakers` labels, each equally likely. The speakers are mapped as for any
// hypothesis, so that even chance is right more often than one time in `num_speakers`. Returns the sum of the
// components over the draws: its rate() estimates the expected value, and sums of several recordings (with equally many
// draws) pool as always. For 16 meetings and 100 draws the pooled rate is within about 0.1 % of the expected value.
// Errors: see ScoreDer(); kInvalidArgument for an option out of its range.
absl::StatusOr<DerComponents> RandomSpeakersSum(const Recording& reference,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options, const RandomSpeakersOptions& random_options);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_DER_FLOORS_H_
