#include "metrics/der_timeline.h"

namespace diarflow {

absl::StatusOr<ScoredTimeline> BuildDerTimeline(const Recording& reference, const Recording& hypothesis,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options) {
  const bool mdeval = options.convention == DerConvention::kMdEval;
  TimelineOptions cut;
  cut.default_region = mdeval ? DefaultRegion::kReferenceExtent : DefaultRegion::kBothExtents;
  cut.collar = options.collar;
  cut.skip_overlap = options.skip_overlap;
  cut.collapse_same_speaker = mdeval;
  return BuildScoredTimeline(reference, hypothesis, region, cut);
}

}  // namespace diarflow
