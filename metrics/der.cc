#include "metrics/der.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "metrics/scored_timeline.h"
#include "diarization/speaker_mapping.h"

namespace diarflow {
namespace {

DerComponents Count(const ScoredTimeline& timeline, const std::vector<int>& mapping) {
  DerComponents components;
  const std::vector<ActiveSpeaker>& active = timeline.active;
  for (const Stretch& stretch : timeline.stretches) {
    if (!stretch.scored) continue;
    int64_t num_reference = 0;
    int64_t num_hypothesis = 0;
    int64_t num_correct = 0;
    for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) num_hypothesis += active[h].turns;
    for (int64_t r = stretch.reference.begin; r < stretch.reference.end; ++r) {
      num_reference += active[r].turns;
      const int mapped = mapping[active[r].speaker];
      for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) {
        if (active[h].speaker == mapped) num_correct += std::min(active[r].turns, active[h].turns);
      }
    }
    components.total += stretch.length * num_reference;
    components.missed += stretch.length * std::max<int64_t>(0, num_reference - num_hypothesis);
    components.false_alarm += stretch.length * std::max<int64_t>(0, num_hypothesis - num_reference);
    components.confusion += stretch.length * (std::min(num_reference, num_hypothesis) - num_correct);
  }
  return components;
}

}  // namespace

double DerComponents::rate() const {
  if (total == 0) return errors() == 0 ? 0 : 1;
  return static_cast<double>(errors()) / static_cast<double>(total);
}

DerComponents& DerComponents::operator+=(const DerComponents& other) {
  total += other.total;
  missed += other.missed;
  false_alarm += other.false_alarm;
  confusion += other.confusion;
  return *this;
}

std::ostream& operator<<(std::ostream& out, const DerComponents& components) {
  return out << "total " << components.total << ", missed " << components.missed << ", false alarm "
             << components.false_alarm << ", confusion " << components.confusion << " us";
}

absl::StatusOr<FileDer> ScoreDer(const Recording& reference, const Recording& hypothesis,
                                 const std::optional<std::vector<TimeSpan>>& region, const DerOptions& options) {
  const bool mdeval = options.convention == DerConvention::kMdEval;
  TimelineOptions cut;
  cut.default_region = mdeval ? DefaultRegion::kReferenceExtent : DefaultRegion::kBothExtents;
  cut.collar = options.collar;
  cut.skip_overlap = options.skip_overlap;
  cut.collapse_same_speaker = mdeval;
  ASSIGN_OR_RETURN(ScoredTimeline timeline, BuildScoredTimeline(reference, hypothesis, region, cut));

  FileDer file;
  file.uri = reference.uri;
  file.confusion_matrix = CoOccurrence(timeline, /*scored_only=*/true);
  file.mapping = MaximumWeightAssignment(mdeval ? CoOccurrence(timeline, /*scored_only=*/false) : file.confusion_matrix,
                                         timeline.num_reference(), timeline.num_hypothesis());
  file.components = Count(timeline, file.mapping);
  file.reference_speakers = std::move(timeline.reference_speakers);
  file.hypothesis_speakers = std::move(timeline.hypothesis_speakers);
  return file;
}

}  // namespace diarflow
