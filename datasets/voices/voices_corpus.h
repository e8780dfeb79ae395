// The voices set, ready to be made into conversations: with its pauses.
#ifndef DIARFLOW_DATASETS_VOICES_VOICES_CORPUS_H_
#define DIARFLOW_DATASETS_VOICES_VOICES_CORPUS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"
#include "datasets/voices/voices.h"

namespace diarflow {

// ListVoices(), where every entry also has tokens: sound and silence as EnergyTokens() finds them, by all threads.
// Files that cannot be read are problems, and so are packages that are missing. Errors of ListVoices().
absl::StatusOr<Corpus> VoicesCorpus(const std::vector<VoicesRow>& map, const std::string& root,
                                    const VoicesOptions& options);

// What the six packages hold, measured.
std::vector<ExpectedSplit> VoicesExpectedSplits();

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_VOICES_VOICES_CORPUS_H_
