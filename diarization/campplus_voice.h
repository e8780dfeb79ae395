// CAM++ as a VoiceEncoder.
#ifndef DIARFLOW_DIARIZATION_CAMPPLUS_VOICE_H_
#define DIARFLOW_DIARIZATION_CAMPPLUS_VOICE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "diarization/embed_tracks.h"
#include "models/campplus/campplus.h"

namespace diarflow {

absl::StatusOr<std::shared_ptr<const VoiceEncoder>> CampplusVoice(CampplusEncoder::Ptr encoder);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_CAMPPLUS_VOICE_H_
