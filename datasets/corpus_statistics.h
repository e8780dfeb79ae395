// How much a corpus holds, split by split, in exact integer time.
#ifndef DIARFLOW_DATASETS_CORPUS_STATISTICS_H_
#define DIARFLOW_DATASETS_CORPUS_STATISTICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/manifest.h"
#include "diarization/turns.h"

namespace diarflow {

// Times are microseconds.
struct SplitStatistics {
  std::string split;
  int64_t files = 0;     // entries
  int64_t speakers = 0;  // different names, of entries and of turns
  int64_t audio = 0;     // durations of the entries that have one
  int64_t scored = 0;    // length of the regions; spans of one recording that overlap count once

  // Of the turns as they are, not cut to regions.
  int64_t turns = 0;
  int64_t speaker_time = 0;  // durations of all turns: a second in which two speak counts two seconds
  int64_t speech = 0;        // time with at least one speaker
  int64_t overlap = 0;       // time with at least two; a speaker who overlaps with themself is one
  int64_t median_turn = 0;   // of an even number the mean of the two in the middle, rounded down; 0 without turns

  double audio_hours() const;
  double speaker_hours() const;
  double speech_hours() const;
  double overlap_percent() const;  // of speech; 0 without speech
};

// Splits in the order of their first entry. A recording and its region belong to the split of the entry whose utterance
// is its uri; those without an entry form a last split named "", with files = 0.
// kInvalidArgument: two entries of one utterance name; otherwise what CheckTurns() and CheckSpans() say. kOutOfRange:
// more than 292,000 years.
absl::StatusOr<std::vector<SplitStatistics>> CorpusStatistics(const std::vector<ManifestEntry>& entries,
                                                              const std::vector<Recording>& labels,
                                                              const std::vector<EvaluationRegion>& regions);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_CORPUS_STATISTICS_H_
