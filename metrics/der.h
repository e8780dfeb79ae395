// Diarization error rate, exact, in the two conventions that published figures use.
//
// On every stretch with constant speakers, of length d, with nR reference labels, nH hypothesis labels and nC of them
// correct under the mapping of speakers:
//   total       += d nR
//   missed      += d max(0, nR - nH)
//   false alarm += d max(0, nH - nR)
//   confusion   += d (min(nR, nH) - nC)
//   DER = (missed + false alarm + confusion) / total.
// The figure of many files is the sum of their parts divided by the sum of their totals, never the mean of rates
// (NIST Rich Transcription evaluation plans; Bredin, "pyannote.metrics", Interspeech 2017).
//
// The conventions agree at collar 0 with overlap scored, unless turns of one speaker overlap; otherwise they differ:
//                        kPyannote (pyannote.metrics 4)           kMdEval (md-eval.pl 22, dscore)
//   mapping              most common time in what is scored       most common time in the whole region,
//                        (after collars and skipped overlap)      before collars and skipped overlap
//   one speaker's own    count as often as there are turns        count once
//   overlapping turns
//   without a region     first start to last end of both          first start to last end of the reference:
//                                                                 false alarms outside vanish
// In both, collars and skipped overlaps come from the reference turns as given, and speakers without common time stay
// unmapped. Files are mapped one by one.
//
// A collar is given here as "plus or minus": 0.25 s on each side of a boundary is md-eval's -c 0.25 and
// collar=0.5 of pyannote.metrics.
#ifndef DIARFLOW_METRICS_DER_H_
#define DIARFLOW_METRICS_DER_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "metrics/der_options.h"
#include "metrics/scored_timeline.h"

namespace diarflow {

// Microseconds of speaker time: a second in which two speak counts two seconds.
struct DerComponents {
  int64_t total = 0;
  int64_t missed = 0;
  int64_t false_alarm = 0;
  int64_t confusion = 0;

  int64_t errors() const { return missed + false_alarm + confusion; }
  // 0 is perfect, 1 is 100 %. With nothing to find: 0 without errors, else 1.
  double rate() const;

  DerComponents& operator+=(const DerComponents& other);
  friend bool operator==(const DerComponents& a, const DerComponents& b) {
    return a.total == b.total && a.missed == b.missed && a.false_alarm == b.false_alarm && a.confusion == b.confusion;
  }
  friend std::ostream& operator<<(std::ostream& out, const DerComponents& components);
};

struct FileDer {
  std::string uri;
  DerComponents components;

  // Speakers in the order of their first turn.
  std::vector<std::string> reference_speakers;
  std::vector<std::string> hypothesis_speakers;
  // For each reference speaker the index of the hypothesis speaker, -1 for none.
  std::vector<int> mapping;
  // Confusion matrix [reference, hypothesis], row-major: microseconds of what is scored in which both are active. In a
  // stretch with several speakers each pair counts: rows need not add up to a speaker's time.
  std::vector<int64_t> confusion_matrix;
};

// Scores one recording; uri is that of the reference. `region`: the spans of a UEM file, in any order; empty means
// that nothing is scored; without it see above.
// Errors: see BuildScoredTimeline().
//
// An empty reference is scored as any other (false alarms only). md-eval.pl prints no result for such a file; dscore
// then reports 100 % if there is any hypothesis turn, and so does rate() wherever a region is given.
absl::StatusOr<FileDer> ScoreDer(const Recording& reference, const Recording& hypothesis,
                                 const std::optional<std::vector<TimeSpan>>& region = std::nullopt,
                                 const DerOptions& options = {});

// The same of the timeline that BuildDerTimeline() made for this convention.
FileDer ScoreDerTimeline(const ScoredTimeline& timeline, const std::string& uri, DerConvention convention);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_DER_H_
