#include "metrics/error_timeline.h"

#include <cstddef>

#include "base/status_macros.h"

namespace diarflow {

absl::StatusOr<ErrorTimeline> MakeErrorTimeline(const Recording& reference, const Recording& hypothesis,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options) {
  ErrorTimeline errors;
  ASSIGN_OR_RETURN(errors.der, ScoreDer(reference, hypothesis, region, options));
  ASSIGN_OR_RETURN(errors.timeline, BuildDerTimeline(reference, hypothesis, region, options));
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
    for (size_t level = 0; level < wrong; ++level) {
      std::vector<TimeSpan>& spans = levels[level];
      const int64_t end = stretch.start + stretch.length;
      if (!spans.empty() && spans.back().end == stretch.start) {
        spans.back().end = end;
      } else {
        spans.push_back({stretch.start, end});
      }
    }
  }
  return levels;
}

}  // namespace diarflow
