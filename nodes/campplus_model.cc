#include "nodes/campplus_model.h"

#include <string>

#include "base/files.h"
#include "base/status_macros.h"
#include "models/torch_threads.h"
#include "nodes/campplus_model.pb.h"

namespace diarflow {

void CampplusModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A CAM++ speaker encoder: weights from a file, or random ones.").Options<options::CampplusModel>();
}

absl::StatusOr<std::shared_ptr<const CampplusModelResource>> CampplusModelResource::Load(
    const ResourceContext& context) {
  const auto& options = context.options<options::CampplusModel>();
  SetModelThreads(context.model_threads());
  auto resource = std::make_shared<CampplusModelResource>();
  if (options.weights().empty()) {
    ASSIGN_OR_RETURN(resource->encoder, CampplusEncoder::Random(options.seed()));
  } else {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
    ASSIGN_OR_RETURN(resource->encoder, CampplusEncoder::Load(path));
  }
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("CampplusModel", CampplusModelResource);

}  // namespace diarflow
