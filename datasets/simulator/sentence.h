// One sentence of a conversation: pieces of one speaker's utterances, cut at pauses, until there are enough words. A
// stretch of sound whose words nobody knows (kSpeechToken of energy_tokens.h) counts as three words a second.
#ifndef DIARFLOW_DATASETS_SIMULATOR_SENTENCE_H_
#define DIARFLOW_DATASETS_SIMULATOR_SENTENCE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

// All positions are samples at the session's rate.
struct SentencePiece {
  int utterance = 0;         // index into the speaker's utterances
  int64_t source_begin = 0;  // from the beginning of the utterance
  int64_t length = 0;
  int64_t fade_in = 0;   // the first samples, below a rising half window
  int64_t fade_out = 0;  // the last samples, below a falling one
};

struct SentenceWord {
  std::string word;
  int64_t begin = 0;  // from the beginning of the sentence
  int64_t end = 0;
};

struct SampleSpan {
  int64_t begin = 0;
  int64_t end = 0;

  friend bool operator==(const SampleSpan& a, const SampleSpan& b) { return a.begin == b.begin && a.end == b.end; }
};

struct Sentence {
  std::vector<SentencePiece> pieces;  // one behind the other
  std::vector<SentenceWord> words;
  std::vector<SampleSpan> turns;  // what labels call speech, from the beginning of the sentence
  int64_t length = 0;
};

// Where speech goes on beyond a cut: long enough against a click, short enough to hold nothing of the next word.
inline constexpr double kCutFadeSeconds = 0.005;

// The turns of words by their times: with at most `bridged` samples of silence between them they are one.
std::vector<SampleSpan> TurnsOfWords(const std::vector<SentenceWord>& words, int64_t bridged);

inline constexpr int64_t kNoBudget = std::numeric_limits<int64_t>::max();

// Builds a sentence of at most `budget` samples; without words when not even one fits (with the quirk crowded_end:
// when the budget is full). `utterances`: which ones of the speaker may be used, at least one.
Sentence BuildSentence(const SourceSpeaker& speaker, const std::vector<int>& utterances,
                       const ConversationOptions& options, int64_t budget, Random* random);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_SENTENCE_H_
