// The resource VoiceModel: a speaker network of the user's choice, for the nodes that tell voices apart.
#ifndef DIARFLOW_NODES_VOICE_MODEL_H_
#define DIARFLOW_NODES_VOICE_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "diarization/embed_tracks.h"
#include "graph/registry.h"

namespace diarflow {

struct VoiceModelResource {
  static constexpr char kResourceName[] = "VoiceModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const VoiceModelResource>> Load(const ResourceContext& context);

  std::shared_ptr<const VoiceEncoder> encoder;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_VOICE_MODEL_H_
