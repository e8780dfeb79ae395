// What a corpus on disk turns out to hold, and what was published about it. A function for each corpus (ami/,
// librispeech/, voxceleb_corpus.h, voxconverse/) makes a Corpus of its root folder.
#ifndef DIARFLOW_DATASETS_CORPUS_H_
#define DIARFLOW_DATASETS_CORPUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/manifest.h"
#include "diarization/turns.h"

namespace diarflow {

struct Corpus {
  std::string name;  // "LibriSpeech"

  // What can be used: the audio is there and says how long it is. Split, session and duration are always filled;
  // speaker where one person speaks; `audio` is below the root folder as it was given. No utterance name is there
  // twice.
  std::vector<ManifestEntry> entries;

  // Of corpora with several speakers a file: who spoke when, and where to score. Both also for recordings whose audio
  // is missing, as far as the labels are there; then without a region, since nobody knows where the file ends.
  std::vector<Recording> labels;
  std::vector<EvaluationRegion> regions;

  // What is missing, or was left out and why: sentences that name the file and say what to do. The same fault of many
  // files is one sentence with a count.
  std::vector<std::string> problems;

  // What is as it was published and yet worth knowing, such as words without times: sentences as above. A corpus with
  // notes is complete.
  std::vector<std::string> notes;
};

// What a publication says that a split holds; nothing where it does not say. To be printed beside what was found.
struct ExpectedSplit {
  std::string split;  // as in ManifestEntry::split
  std::optional<int64_t> files;
  std::optional<int64_t> speakers;
  std::optional<double> hours;            // of audio
  std::optional<double> speaker_hours;    // the turns' durations summed over speakers
  std::optional<double> speech_hours;     // time with at least one speaker
  std::optional<double> overlap_percent;  // time with two speakers or more, of speech_hours
  std::optional<int64_t> turns;
  std::string source;  // where the figures are from
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_CORPUS_H_
