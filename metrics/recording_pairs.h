// Which hypothesis belongs to which reference and region: what a scorer of whole test sets starts from.
#ifndef DIARFLOW_METRICS_RECORDING_PAIRS_H_
#define DIARFLOW_METRICS_RECORDING_PAIRS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

struct RecordingPair {
  Recording reference;
  Recording hypothesis;
  // Nothing when no regions were given at all.
  std::optional<std::vector<TimeSpan>> region;
  // False when the system said nothing of this recording: then the hypothesis is empty, and all speech is missed. To be
  // reported, since more often a file is missing than a system silent.
  bool has_hypothesis = false;
};

// Pairs by uri: every recording of `references`, in their order; then those that only `regions` name (recordings
// without speech, where everything is a false alarm).
// kInvalidArgument, naming the uri: a list holds it twice. kNotFound, naming the uri and one that is like it: a
// hypothesis of a recording that neither references nor regions know; a reference that the given regions leave out.
absl::StatusOr<std::vector<RecordingPair>> PairRecordings(std::vector<Recording> references,
                                                          std::vector<Recording> hypotheses,
                                                          std::optional<std::vector<EvaluationRegion>> regions);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_RECORDING_PAIRS_H_
