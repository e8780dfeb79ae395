// What a diarization error rate is summed over, stretch by stretch: for the rate itself, and for pictures of it.
#ifndef DIARFLOW_METRICS_DER_TIMELINE_H_
#define DIARFLOW_METRICS_DER_TIMELINE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "metrics/der_options.h"
#include "metrics/scored_timeline.h"

namespace diarflow {

// The timeline that the convention scores. Errors: see BuildScoredTimeline().
absl::StatusOr<ScoredTimeline> BuildDerTimeline(const Recording& reference, const Recording& hypothesis,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options);

// How many speakers, at every instant of a stretch.
struct StretchErrors {
  int64_t reference = 0;
  int64_t missed = 0;
  int64_t false_alarm = 0;
  int64_t confusion = 0;
};

// `mapping`: for each reference speaker the hypothesis speaker, -1 for none. Does not ask whether the stretch is
// scored.
inline StretchErrors ErrorsIn(const ScoredTimeline& timeline, const Stretch& stretch, const std::vector<int>& mapping) {
  const std::vector<ActiveSpeaker>& active = timeline.active;
  StretchErrors errors;
  int64_t num_hypothesis = 0;
  int64_t num_correct = 0;
  for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) num_hypothesis += active[h].turns;
  for (int64_t r = stretch.reference.begin; r < stretch.reference.end; ++r) {
    errors.reference += active[r].turns;
    const int mapped = mapping[active[r].speaker];
    for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) {
      if (active[h].speaker == mapped) num_correct += std::min(active[r].turns, active[h].turns);
    }
  }
  errors.missed = std::max<int64_t>(0, errors.reference - num_hypothesis);
  errors.false_alarm = std::max<int64_t>(0, num_hypothesis - errors.reference);
  errors.confusion = std::min(errors.reference, num_hypothesis) - num_correct;
  return errors;
}

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_DER_TIMELINE_H_
