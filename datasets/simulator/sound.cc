#include "datasets/simulator/sound.h"

#include <utility>

#include "base/status_macros.h"

namespace diarflow {

absl::Status CheckSoundOptions(const SoundOptions& options) { return absl::OkStatus(); }

absl::StatusOr<std::shared_ptr<const ConversationSound>> ConversationSound::Create(const SoundOptions& options) {
  RETURN_IF_ERROR(CheckSoundOptions(options));
  return std::shared_ptr<const ConversationSound>(new ConversationSound(options));
}

absl::StatusOr<FloatArray> ConversationSound::Render(const ConversationPlan& plan, const SpeechSource& source,
                                                     const ConversationOptions& options, uint64_t seed,
                                                     const PieceReader& read) const {
  ASSIGN_OR_RETURN(FloatArray session, MixConversation(plan, source, options, read));
  ScaleToPeak(options_.peak(), &session);
  return session;
}

}  // namespace diarflow
