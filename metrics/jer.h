// Jaccard error rate of a diarization (Ryant et al., "The second DIHARD diarization challenge", Interspeech 2019):
// for every reference speaker
//   (time missed + time falsely alarmed) / (time in which the speaker or the mapped hypothesis speaker is active),
// 1 when no hypothesis speaker is mapped; the mean over the reference speakers. Every speaker weighs the same, however
// little they say. Exact until the last division. Overlapping turns of one speaker count once.
//
//   JerConvention::kPyannote   the mapping of the diarization error rate: most common time (pyannote.metrics 4). A file
//                              without reference speakers has the rate 1, also when the hypothesis is empty.
//   JerConvention::kDscore     the mapping that makes the rate least. dscore counts 10 ms frames where this library
//                              measures: the last decimals differ. A file without reference speakers has the rate 1, or
//                              0 when the hypothesis is empty too.
// Over many files: the mean over all reference speakers of all files; files without any do not count.
#ifndef DIARFLOW_METRICS_JER_H_
#define DIARFLOW_METRICS_JER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

enum class JerConvention { kPyannote, kDscore };

struct JerOptions {
  JerConvention convention = JerConvention::kPyannote;
  int64_t collar = 0;         // microseconds on each side of a reference boundary; usual is 0
  bool skip_overlap = false;  // usual is false
};

struct SpeakerJaccard {
  std::string reference;
  std::string hypothesis;  // empty when none is mapped
  // Microseconds. error == common for a speaker without a mapping.
  int64_t error = 0;
  int64_t common = 0;  // the union

  double rate() const { return static_cast<double>(error) / static_cast<double>(common); }
};

// What adds up over files.
struct JerSum {
  double sum = 0;
  int64_t speakers = 0;
  double rate() const { return speakers == 0 ? 1 : sum / static_cast<double>(speakers); }
  JerSum& operator+=(const JerSum& other) {
    sum += other.sum;
    speakers += other.speakers;
    return *this;
  }
};

struct FileJer {
  std::string uri;
  double rate = 0;
  JerSum sum;
  // Reference speakers who speak within what is scored, in the order of their first turn.
  std::vector<SpeakerJaccard> speakers;
};

// Scores one recording. `region` as for ScoreDer(). Without it: the extent of reference and hypothesis together.
// Errors: see BuildScoredTimeline().
absl::StatusOr<FileJer> ScoreJer(const Recording& reference, const Recording& hypothesis,
                                 const std::optional<std::vector<TimeSpan>>& region = std::nullopt,
                                 const JerOptions& options = {});

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_JER_H_
