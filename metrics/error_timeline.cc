#include "metrics/error_timeline.h"

#include <cstddef>

#include "base/status_macros.h"

namespace diarflow {

absl::StatusOr<ErrorTimeline> MakeErrorTimeline(const Recording& reference, const Recording& hypothesis,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options) {
  ErrorTimeline errors;
  ASSIGN_OR_RETURN(errors.timeline, BuildDerTimeline(reference, hypothesis, region, options));
  errors.der = ScoreDerTimeline(errors.timeline, reference.uri, options.convention);
  errors.reference_of.assign(errors.der.hypothesis_speakers.size(), -1);
  for (size_t r = 0; r < errors.der.mapping.size(); ++r) {
    const int h = errors.der.mapping[r];
    if (h < 0) continue;
    errors.reference_of[static_cast<size_t>(h)] = static_cast<int>(r);
    errors.hypothesis_rows.push_back(h);
  }
  for (size_t h = 0; h < errors.reference_of.size(); ++h) {
    if (errors.reference_of[h] < 0) errors.hypothesis_rows.push_back(static_cast<int>(h));
  }
  return errors;
}

std::vector<std::vector<TimeSpan>> ErrorLevels(const ErrorTimeline& errors, int64_t StretchErrors::* count) {
  std::vector<std::vector<TimeSpan>> levels;
  for (const Stretch& stretch : errors.timeline.stretches) {
    if (!stretch.scored) continue;
    const auto wrong = static_cast<size_t>(ErrorsIn(errors.timeline, stretch, errors.der.mapping).*count);
    if (levels.size() < wrong) levels.resize(wrong);
    const TimeSpan span = {stretch.start, stretch.start + stretch.length};
    for (size_t level = 0; level < wrong; ++level) AppendJoined(span, &levels[level]);
  }
  return levels;
}

}  // namespace diarflow
