#include "nodes/campplus_model.h"

#include <string>

#include "base/files.h"
#include "base/status_macros.h"
#include "models/device/device.h"
#include "models/torch_threads.h"
#include "nodes/campplus_model.pb.h"

namespace diarflow {
namespace {

absl::Status CheckCampplusModel(const options::CampplusModel& options) { return CheckDevice(options.device()); }

}  // namespace

absl::StatusOr<CampplusEncoder::Ptr> LoadCampplus(const options::CampplusModel& options) {
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device()));
  if (options.weights().empty()) return CampplusEncoder::Random(options.seed(), device);
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
  return CampplusEncoder::Load(path, device);
}

void CampplusModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A CAM++ speaker encoder: weights from a file, or random ones.")
      .Options<options::CampplusModel>(&CheckCampplusModel);
}

absl::StatusOr<std::shared_ptr<const CampplusModelResource>> CampplusModelResource::Load(
    const ResourceContext& context) {
  SetModelThreads(context.model_threads());
  auto resource = std::make_shared<CampplusModelResource>();
  ASSIGN_OR_RETURN(resource->encoder, LoadCampplus(context.options<options::CampplusModel>()));
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("CampplusModel", CampplusModelResource);

}  // namespace diarflow
