// A corpus of words and pauses without sound, for tests and benchmarks.
#ifndef DIARFLOW_DATASETS_SIMULATOR_STUB_CORPUS_H_
#define DIARFLOW_DATASETS_SIMULATOR_STUB_CORPUS_H_

#include <cstdint>
#include <vector>

#include "datasets/manifest.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

struct StubCorpusOptions {
  int num_speakers = 40;
  int utterances_per_speaker = 30;
  int num_sessions = 1;       // a speaker's utterances go round them
  double word_median = 0.27;  // seconds, log-normal
  double word_sigma = 0.5;
  bool pauses = true;  // silence tokens between phrases of a few words; without: words evenly spaced over the utterance
  uint64_t seed = 1;
};

// Entries of 5 to 16 s named "spk03-007", without files.
std::vector<ManifestEntry> StubManifest(const StubCorpusOptions& options);

// StubManifest() as a source.
SpeechSource StubCorpus(const StubCorpusOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_STUB_CORPUS_H_
