// Who takes part in which simulated session.
#ifndef DIARFLOW_DATASETS_SIMULATOR_SESSION_SPEAKERS_H_
#define DIARFLOW_DATASETS_SIMULATOR_SESSION_SPEAKERS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

struct SessionSpeaker {
  int speaker = 0;              // index into SpeechSource::speakers()
  std::vector<int> utterances;  // which of the speaker's may be used, at least one
};

// The speakers of sessions 0 .. num_sessions - 1. Permutations of all speakers follow one another and are cut into
// sessions, so that all are used equally often; a speaker who would be twice in a session (where two permutations meet)
// waits for the next one, unless quirks.repeat_speaker. With the grouping ONE_SESSION the sessions of the source take
// turns in permutations, those with too few speakers left out, and each draws from its own speakers.
// kFailedPrecondition when the source has too few speakers, or no session of it has enough.
absl::StatusOr<std::vector<std::vector<SessionSpeaker>>> DrawSpeakers(const SpeechSource& source,
                                                                      const ConversationOptions& options, uint64_t seed,
                                                                      int64_t num_sessions);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_SESSION_SPEAKERS_H_
