#include "metrics/jer.h"

#include <cstddef>
#include <utility>

#include "base/status_macros.h"
#include "diarization/speaker_mapping.h"
#include "metrics/scored_timeline.h"

namespace diarflow {
namespace {

// How long each speaker is active and each pair together, in what is scored; turns of one speaker collapsed.
struct ActiveTime {
  std::vector<int64_t> reference;
  std::vector<int64_t> hypothesis;
  std::vector<int64_t> together;  // [reference, hypothesis]
};

ActiveTime Measure(const ScoredTimeline& timeline) {
  ActiveTime time;
  time.reference.resize(timeline.reference_speakers.size());
  time.hypothesis.resize(timeline.hypothesis_speakers.size());
  time.together.resize(time.reference.size() * time.hypothesis.size());
  const std::vector<ActiveSpeaker>& active = timeline.active;
  for (const Stretch& stretch : timeline.stretches) {
    if (!stretch.scored) continue;
    for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) {
      time.hypothesis[active[h].speaker] += stretch.length;
    }
    for (int64_t r = stretch.reference.begin; r < stretch.reference.end; ++r) {
      time.reference[active[r].speaker] += stretch.length;
      for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) {
        time.together[active[r].speaker * time.hypothesis.size() + active[h].speaker] += stretch.length;
      }
    }
  }
  return time;
}

std::vector<int> Map(const ScoredTimeline& timeline, const ActiveTime& time, JerConvention convention) {
  const int rows = timeline.num_reference();
  const int columns = timeline.num_hypothesis();
  if (convention == JerConvention::kPyannote) {
    return MaximumWeightAssignment(CoOccurrence(timeline, /*scored_only=*/true), rows, columns);
  }
  // One minus the rate of the pair.
  std::vector<double> jaccard(time.together.size());
  for (size_t r = 0; r < time.reference.size(); ++r) {
    for (size_t h = 0; h < time.hypothesis.size(); ++h) {
      const size_t pair = r * time.hypothesis.size() + h;
      if (time.together[pair] == 0) continue;
      const int64_t common = time.reference[r] + time.hypothesis[h] - time.together[pair];
      jaccard[pair] = static_cast<double>(time.together[pair]) / static_cast<double>(common);
    }
  }
  return MaximumWeightAssignment(jaccard, rows, columns);
}

}  // namespace

absl::StatusOr<FileJer> ScoreJer(const Recording& reference, const Recording& hypothesis,
                                 const std::optional<std::vector<TimeSpan>>& region, const JerOptions& options) {
  TimelineOptions cut;
  cut.collar = options.collar;
  cut.skip_overlap = options.skip_overlap;
  cut.collapse_same_speaker = options.convention == JerConvention::kDscore;
  ASSIGN_OR_RETURN(const ScoredTimeline timeline, BuildScoredTimeline(reference, hypothesis, region, cut));
  const ActiveTime time = Measure(timeline);
  const std::vector<int> mapping = Map(timeline, time, options.convention);

  FileJer file;
  file.uri = reference.uri;
  for (size_t r = 0; r < time.reference.size(); ++r) {
    if (time.reference[r] == 0) continue;
    SpeakerJaccard speaker = {timeline.reference_speakers[r], "", time.reference[r], time.reference[r]};
    if (const int h = mapping[r]; h >= 0) {
      const int64_t both = time.together[r * time.hypothesis.size() + h];
      speaker.hypothesis = timeline.hypothesis_speakers[h];
      speaker.common = time.reference[r] + time.hypothesis[h] - both;
      speaker.error = speaker.common - both;
    }
    file.sum.sum += speaker.rate();
    ++file.sum.speakers;
    file.speakers.push_back(std::move(speaker));
  }
  bool hypothesis_active = false;
  for (const int64_t active : time.hypothesis) hypothesis_active = hypothesis_active || active > 0;
  const bool silent_and_right =
      options.convention == JerConvention::kDscore && file.sum.speakers == 0 && !hypothesis_active;
  file.rate = silent_and_right ? 0 : file.sum.rate();
  return file;
}

}  // namespace diarflow
