// The plan of a mixture: one utterance of each of two speakers, the second of which begins before the first has ended.
// It is a ConversationPlan: what labels, renders and measures conversations takes it.
//
//   ASSIGN_OR_RETURN(const ConversationPlan plan, PlanMixture(source, options, mixture, seed, session));
//
// Two speakers are drawn, the one drawn first begins; then an entry of each, all evenly. An utterance reaches from its
// first word to its last one, the pauses between them included; around it stands the sound that sentences have around
// them (sentence.h), which is no part of it. The overlap is `min_overlap` to `max_overlap` of the shorter utterance,
// drawn evenly; the session ends with whoever ends last.
//
// Of an entry that is longer than `max_utterance` a part is taken, where is drawn: its whole words, or the beginning of
// one where none fits; stretches of sound whose words nobody knows (kSpeechToken of energy_tokens.h) are cut anywhere.
// Where an entry is shorter than `min_utterance`, others of the speaker follow, drawn, none of them twice.
//
// A plan depends on the source, the options, the seed and the session's number only, as those of conversation.h do.
#ifndef DIARFLOW_DATASETS_SIMULATOR_MIXTURE_H_
#define DIARFLOW_DATASETS_SIMULATOR_MIXTURE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "datasets/simulator/conversation.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/mixture_options.pb.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

// Of `options` only what says how sentences are cut and heard counts: sample_rate, lead, release, window, window_shape,
// bridged_pause and volume_sd. The plan has a sentence for each speaker, in the order in which they begin; its target
// of overlap is what the drawn ratio makes of the time in which anybody speaks, pauses within utterances included, and
// that of silence is 0.
// REQUIRES: options that CheckConversationOptions() and CheckMixtureOptions() pass. kFailedPrecondition when the source
// has fewer than two speakers with a word of at least one sample.
absl::StatusOr<ConversationPlan> PlanMixture(const SpeechSource& source, const ConversationOptions& options,
                                             const MixtureOptions& mixture, uint64_t seed, int64_t session);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_MIXTURE_H_
