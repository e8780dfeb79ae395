#include "nodes/voice_model.h"

#include <utility>

#include "base/status_macros.h"
#include "diarization/voice_encoders.h"
#include "models/device/device.h"
#include "models/torch_threads.h"
#include "nodes/campplus_model.h"
#include "nodes/titanet_model.h"
#include "nodes/voice_model.pb.h"

namespace diarflow {
namespace {

// Voices of an untrained network tell nobody apart: random weights only where somebody asks for them.
absl::Status CheckVoiceModel(const options::VoiceModel& options) {
  RETURN_IF_ERROR(CheckDevice(options.campplus().device()));
  RETURN_IF_ERROR(CheckDevice(options.titanet().device()));
  if (options.network() != options::VoiceModel::TITANET || !options.titanet().weights().empty() ||
      options.titanet().has_seed()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "titanet.weights is empty: TitaNet's weights are yours to bring, titanet-l.nemo for example (or set "
      "titanet.seed: random ones, for tests)");
}

}  // namespace

void VoiceModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A speaker network for the nodes that tell voices apart: CAM++ or TitaNet.")
      .Options<options::VoiceModel>(&CheckVoiceModel);
}

absl::StatusOr<std::shared_ptr<const VoiceModelResource>> VoiceModelResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::VoiceModel>();
  SetModelThreads(context.model_threads());
  auto resource = std::make_shared<VoiceModelResource>();
  if (options.network() == options::VoiceModel::TITANET) {
    ASSIGN_OR_RETURN(TitanetEncoder::Ptr titanet, LoadTitanet(options.titanet()));
    resource->encoder = TitanetVoice(std::move(titanet));
  } else {
    ASSIGN_OR_RETURN(CampplusEncoder::Ptr campplus, LoadCampplus(options.campplus()));
    ASSIGN_OR_RETURN(resource->encoder, CampplusVoice(std::move(campplus)));
  }
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("VoiceModel", VoiceModelResource);

}  // namespace diarflow
