// The sound of a planned conversation.
//
// Pieces of utterances are cut out, faded in and out, and put together to sentences; each sentence is brought to the
// same level (root mean square over its turns) times its speaker's volume, and added where the plan has it. At the end
// the whole session is scaled to its peak.
#ifndef DIARFLOW_DATASETS_SIMULATOR_RENDER_H_
#define DIARFLOW_DATASETS_SIMULATOR_RENDER_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "datasets/simulator/conversation.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

// Samples [begin, begin + length) of an utterance, counted from its beginning, at `sample_rate` Hz: [length].
using PieceReader = std::function<absl::StatusOr<FloatArray>(const SourceUtterance& utterance, int64_t begin,
                                                             int64_t length, int sample_rate)>;

// Reads the piece from the utterance's file, the mean of its channels. What the file lacks at the end
// of an utterance is silence, as long as that is less than .1 s: manifests round. Files at `sample_rate` are read from
// the piece's beginning; others are read from the utterance's beginning and resampled.
// Errors of DecodeAudio(); kDataLoss when more is missing, saying how much.
absl::StatusOr<FloatArray> ReadPiece(const SourceUtterance& utterance, int64_t begin, int64_t length, int sample_rate);

// One sentence at the level described above, without volume: [sentence.length].
absl::StatusOr<FloatArray> RenderSentence(const SourceSpeaker& speaker, const Sentence& sentence,
                                          const ConversationOptions& options, const PieceReader& read);

// Called with each sentence before it is added: rooms, gains. The result may be longer than the sentence: echo.
using SentenceEffect = std::function<absl::StatusOr<FloatArray>(const PlannedSentence& planned, FloatArray sound)>;

// The session: [plan.num_samples], before its peak is scaled. Errors of `read` and `effect`, naming the utterance.
absl::StatusOr<FloatArray> MixConversation(const ConversationPlan& plan, const SpeechSource& source,
                                           const ConversationOptions& options, const PieceReader& read,
                                           const SentenceEffect& effect = nullptr);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_RENDER_H_
