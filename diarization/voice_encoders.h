// Speaker networks as VoiceEncoders.
#ifndef DIARFLOW_DIARIZATION_VOICE_ENCODERS_H_
#define DIARFLOW_DIARIZATION_VOICE_ENCODERS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "diarization/embed_tracks.h"
#include "models/campplus/campplus.h"
#include "models/titanet/titanet.h"

namespace diarflow {

absl::StatusOr<std::shared_ptr<const VoiceEncoder>> CampplusVoice(CampplusEncoder::Ptr encoder);
// Frame i of its features has its middle 2.5 ms before that of the frame that EmbedTracks() thinks of.
std::shared_ptr<const VoiceEncoder> TitanetVoice(TitanetEncoder::Ptr encoder);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_VOICE_ENCODERS_H_
