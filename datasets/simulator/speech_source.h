// What conversations are made of: utterances by speaker, with their words and pauses.
#ifndef DIARFLOW_DATASETS_SIMULATOR_SPEECH_SOURCE_H_
#define DIARFLOW_DATASETS_SIMULATOR_SPEECH_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/manifest.h"

namespace diarflow {

struct SourceUtterance {
  std::string audio;     // path
  int64_t offset = 0;    // microseconds, in the file
  int64_t duration = 0;  // microseconds, > 0
  std::string name;
  std::string session;  // may be empty
  // Words and silences in turn: the first token is a silence (of no length, perhaps), no two silences follow one
  // another, there is a word, and the last token ends with the utterance or before.
  std::vector<AlignedToken> tokens;
};

struct SourceSpeaker {
  std::string name;
  std::vector<SourceUtterance> utterances;
};

// Speakers by the bytes of their names, utterances in the order of the manifest.
class SpeechSource {
 public:
  // Entries without alignments become one word, "<speech>", from their beginning to their end (energy_tokens.h finds
  // their pauses). Entries without a word are left out and counted.
  // kInvalidArgument, naming the entry: no speaker, no duration. kFailedPrecondition when nothing is left.
  static absl::StatusOr<SpeechSource> FromManifest(const std::vector<ManifestEntry>& entries);

  const std::vector<SourceSpeaker>& speakers() const { return speakers_; }
  int64_t without_words() const { return without_words_; }

 private:
  std::vector<SourceSpeaker> speakers_;
  int64_t without_words_ = 0;
};

// Evenly spaced words without pauses, for texts without alignments: what the original experiments were made with.
// REQUIRES: duration > 0.
std::vector<AlignedToken> EvenlySpacedTokens(const std::string& text, int64_t duration);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_SPEECH_SOURCE_H_
