#include "metrics/der.h"

#include "base/status_macros.h"
#include "diarization/speaker_mapping.h"
#include "metrics/der_timeline.h"

namespace diarflow {
namespace {

DerComponents Count(const ScoredTimeline& timeline, const std::vector<int>& mapping) {
  DerComponents components;
  for (const Stretch& stretch : timeline.stretches) {
    if (!stretch.scored) continue;
    const StretchErrors errors = ErrorsIn(timeline, stretch, mapping);
    components.total += stretch.length * errors.reference;
    components.missed += stretch.length * errors.missed;
    components.false_alarm += stretch.length * errors.false_alarm;
    components.confusion += stretch.length * errors.confusion;
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
  ASSIGN_OR_RETURN(const ScoredTimeline timeline, BuildDerTimeline(reference, hypothesis, region, options));
  return ScoreDerTimeline(timeline, reference.uri, options.convention);
}

FileDer ScoreDerTimeline(const ScoredTimeline& timeline, const std::string& uri, DerConvention convention) {
  const bool mdeval = convention == DerConvention::kMdEval;
  FileDer file;
  file.uri = uri;
  file.confusion_matrix = CoOccurrence(timeline, /*scored_only=*/true);
  file.mapping = MaximumWeightAssignment(mdeval ? CoOccurrence(timeline, /*scored_only=*/false) : file.confusion_matrix,
                                         timeline.num_reference(), timeline.num_hypothesis());
  file.components = Count(timeline, file.mapping);
  file.reference_speakers = timeline.reference_speakers;
  file.hypothesis_speakers = timeline.hypothesis_speakers;
  return file;
}

}  // namespace diarflow
