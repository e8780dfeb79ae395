// What pictures of a diarization's errors show: whom each hypothesis speaker is taken for, and where errors are.
#ifndef DIARFLOW_METRICS_ERROR_TIMELINE_H_
#define DIARFLOW_METRICS_ERROR_TIMELINE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "metrics/der.h"
#include "metrics/der_options.h"
#include "metrics/der_timeline.h"
#include "metrics/scored_timeline.h"

namespace diarflow {

struct ErrorTimeline {
  FileDer der;
  ScoredTimeline timeline;
  // Hypothesis speakers from top to bottom: those that are mapped, in the order of their reference speakers, then the
  // others in the order of their first turns.
  std::vector<int> hypothesis_rows;
  // For each hypothesis speaker the reference speaker, -1 for none.
  std::vector<int> reference_of;
};

// Arguments and errors: see ScoreDer().
absl::StatusOr<ErrorTimeline> MakeErrorTimeline(const Recording& reference, const Recording& hypothesis,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options);

// Where speakers are missed (&StretchErrors::missed), falsely alarmed or confused: element k holds the spans in which
// more than k are wrong at once, in order of time. Spans of one element neither touch nor overlap; all their lengths
// add up to the component of the error rate exactly.
std::vector<std::vector<TimeSpan>> ErrorLevels(const ErrorTimeline& errors, int64_t StretchErrors::* count);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_ERROR_TIMELINE_H_
