// The plan of a simulated conversation: who says what when, before any sound is read.
//
// Sentence by sentence: a speaker is drawn (by shares, mostly not the last one), a sentence of words is put together,
// and it is placed either behind a silence or over what is sounding, whichever the session is further short of; how
// long is what brings the session's share of silence or overlap back to its target, with some variation. Facts and
// reference figures: Park et al. 2023, see conversation_options.proto.
//
// A plan depends on the source, the options, the seed and the session's number only: sessions can be made in any order,
// by any number of threads.
#ifndef DIARFLOW_DATASETS_SIMULATOR_CONVERSATION_H_
#define DIARFLOW_DATASETS_SIMULATOR_CONVERSATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/random.h"
#include "datasets/formats/ctm.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/sentence.h"
#include "datasets/simulator/session_speakers.h"
#include "datasets/simulator/speech_source.h"
#include "diarization/turns.h"

namespace diarflow {

struct PlannedSentence {
  int speaker = 0;    // index into ConversationPlan::speakers
  int64_t start = 0;  // samples
  Sentence sentence;

  int64_t end() const { return start + sentence.length; }
};

struct ConversationPlan {
  int64_t session = 0;
  int sample_rate = 0;
  int64_t num_samples = 0;
  std::vector<SessionSpeaker> speakers;
  std::vector<std::string> speaker_names;
  std::vector<double> volumes;
  // What this session was to have: silence of its length, overlap of its speech.
  double target_silence = 0;
  double target_overlap = 0;
  std::vector<PlannedSentence> sentences;  // in the order in which they were placed
};

// How loud a speaker of a session is, by `volume_sd` of the options.
double DrawVolume(const ConversationOptions& options, Random* random);

// REQUIRES: options that CheckConversationOptions() passes and ExpandQuirks() has seen. kFailedPrecondition when not
// all speakers find room for a word within the session.
absl::StatusOr<ConversationPlan> PlanConversation(const SpeechSource& source, const ConversationOptions& options,
                                                  uint64_t seed, int64_t session,
                                                  const std::vector<SessionSpeaker>& speakers);

// The labels: turns by start.
Recording TurnsOf(const ConversationPlan& plan, const std::string& uri);

// What is said: words in the order of their sentences.
Transcript WordsOf(const ConversationPlan& plan, const std::string& uri);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_CONVERSATION_H_
