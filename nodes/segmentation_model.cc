#include "nodes/segmentation_model.h"

#include <string>

#include "base/files.h"
#include "base/status_macros.h"
#include "models/device/device.h"
#include "models/torch_threads.h"
#include "nodes/segmentation_model.pb.h"

namespace diarflow {
namespace {

absl::Status CheckSegmentationModel(const options::SegmentationModel& options) { return CheckDevice(options.device()); }

}  // namespace

void SegmentationModelResource::Contract(ContractBuilder& contract) {
  contract
      .Summary("A segmentation network, who of a window's speakers speaks when: weights from a file, or random ones.")
      .Options<options::SegmentationModel>(&CheckSegmentationModel);
}

absl::StatusOr<std::shared_ptr<const SegmentationModelResource>> SegmentationModelResource::Load(
    const ResourceContext& context) {
  const auto& options = context.options<options::SegmentationModel>();
  SetModelThreads(context.model_threads());
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device()));
  auto resource = std::make_shared<SegmentationModelResource>();
  if (options.weights().empty()) {
    ASSIGN_OR_RETURN(resource->model, SegmentationModel::Random(options.seed(), device));
  } else {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
    ASSIGN_OR_RETURN(resource->model, SegmentationModel::Load(path, device));
  }
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("SegmentationModel", SegmentationModelResource);

}  // namespace diarflow
