#include "nodes/titanet_model.h"

#include <string>

#include "base/files.h"
#include "base/status_macros.h"
#include "models/torch_threads.h"
#include "nodes/titanet_model.pb.h"

namespace diarflow {

void TitanetModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A TitaNet-large speaker encoder: weights from a file, or random ones.")
      .Options<options::TitanetModel>();
}

absl::StatusOr<std::shared_ptr<const TitanetModelResource>> TitanetModelResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::TitanetModel>();
  SetModelThreads(context.model_threads());
  const NemoMelForm form =
      options.front_end() == options::TitanetModel::LEGACY ? NemoMelForm::kLegacy : NemoMelForm::kCurrent;
  auto resource = std::make_shared<TitanetModelResource>();
  if (options.weights().empty()) {
    ASSIGN_OR_RETURN(resource->encoder, TitanetEncoder::Random(options.seed(), form));
  } else {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
    ASSIGN_OR_RETURN(resource->encoder, TitanetEncoder::Load(path, form));
  }
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("TitanetModel", TitanetModelResource);

}  // namespace diarflow
