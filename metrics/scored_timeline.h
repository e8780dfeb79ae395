// A recording's reference and hypothesis cut into stretches in which nobody starts or stops: what diarization scores
// are summed over. Exact: every boundary is an integer.
#ifndef DIARFLOW_METRICS_SCORED_TIMELINE_H_
#define DIARFLOW_METRICS_SCORED_TIMELINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

// Without an evaluation region: the extent of the reference and hypothesis together (the first start to the last end),
// or of the reference alone.
enum class DefaultRegion { kBothExtents, kReferenceExtent };

struct TimelineOptions {
  DefaultRegion default_region = DefaultRegion::kBothExtents;
  // No score within this many microseconds on EACH side of every start and end of a reference turn.
  int64_t collar = 0;
  // No score where two reference turns overlap, be they of one speaker or of two.
  bool skip_overlap = false;
  // Turns of one speaker that overlap count once. Collars and overlaps are those of the turns as given all the same.
  bool collapse_same_speaker = false;
};

// A speaker who is active, as an index, and in how many turns at once (1 where turns are collapsed).
struct ActiveSpeaker {
  int32_t speaker = 0;
  int32_t turns = 0;
};

// A part of ScoredTimeline::active.
struct ActiveRange {
  int64_t begin = 0;
  int64_t end = 0;
};

struct Stretch {
  int64_t start = 0;    // microseconds
  int64_t length = 0;   // microseconds, > 0
  bool scored = false;  // false inside collars and skipped overlaps
  ActiveRange reference;
  ActiveRange hypothesis;
};

// Speakers are numbered by when they first speak, those who start together by the bytes of their names.
struct ScoredTimeline {
  std::vector<std::string> reference_speakers;
  std::vector<std::string> hypothesis_speakers;
  // In order of time; all of the evaluation region in which anybody is active.
  std::vector<Stretch> stretches;
  std::vector<ActiveSpeaker> active;
  // What is scored, be anybody active or not: in order of time, neither touching nor overlapping.
  std::vector<TimeSpan> scored;

  int num_reference() const { return static_cast<int>(reference_speakers.size()); }
  int num_hypothesis() const { return static_cast<int>(hypothesis_speakers.size()); }
};

// `region`: spans in any order; nothing outside is scored. An empty list scores nothing.
// Errors: those of CheckTurns() and CheckSpans(); kInvalidArgument for a collar below 0 or above kMaxMicroseconds;
// kOutOfRange where so many turns overlap that sums might not fit 64 bits, or so many speakers (over 4096) are named
// that they cannot be mapped.
absl::StatusOr<ScoredTimeline> BuildScoredTimeline(const Recording& reference, const Recording& hypothesis,
                                                   const std::optional<std::vector<TimeSpan>>& region,
                                                   const TimelineOptions& options);

// For how long each reference speaker and each hypothesis speaker are active together: [reference, hypothesis],
// row-major, microseconds. Two turns of one and three of the other at once count six times, unless collapsed.
// Over the scored stretches only, or over all.
std::vector<int64_t> CoOccurrence(const ScoredTimeline& timeline, bool scored_only);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SCORED_TIMELINE_H_
