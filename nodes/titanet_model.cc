#include "nodes/titanet_model.h"

#include <string>

#include "base/files.h"
#include "base/status_macros.h"
#include "models/device/device.h"
#include "models/torch_threads.h"
#include "nodes/titanet_model.pb.h"

namespace diarflow {
namespace {

absl::Status CheckTitanetModel(const options::TitanetModel& options) { return CheckDevice(options.device()); }

}  // namespace

absl::StatusOr<TitanetEncoder::Ptr> LoadTitanet(const options::TitanetModel& options) {
  const NemoMelForm form =
      options.front_end() == options::TitanetModel::LEGACY ? NemoMelForm::kLegacy : NemoMelForm::kCurrent;
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device()));
  if (options.weights().empty()) return TitanetEncoder::Random(options.seed(), form, device);
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
  return TitanetEncoder::Load(path, form, device);
}

void TitanetModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A TitaNet-large speaker encoder: weights from a file, or random ones.")
      .Options<options::TitanetModel>(&CheckTitanetModel);
}

absl::StatusOr<std::shared_ptr<const TitanetModelResource>> TitanetModelResource::Load(const ResourceContext& context) {
  SetModelThreads(context.model_threads());
  auto resource = std::make_shared<TitanetModelResource>();
  ASSIGN_OR_RETURN(resource->encoder, LoadTitanet(context.options<options::TitanetModel>()));
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("TitanetModel", TitanetModelResource);

}  // namespace diarflow
