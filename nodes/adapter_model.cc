#include "nodes/adapter_model.h"

#include <string>

#include "base/files.h"
#include "base/status_macros.h"
#include "models/device/device.h"
#include "models/torch_threads.h"
#include "nodes/adapter_model.pb.h"

namespace diarflow {
namespace {

absl::Status CheckAdapterModel(const options::AdapterModel& options) {
  RETURN_IF_ERROR(CheckDevice(options.device()));
  return CheckAdapterConfig(options.config());
}

}  // namespace

void AdapterModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A diarization adapter: weights from a file, or random ones.")
      .Options<options::AdapterModel>(&CheckAdapterModel);
}

absl::StatusOr<std::shared_ptr<const AdapterModelResource>> AdapterModelResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::AdapterModel>();
  SetModelThreads(context.model_threads());
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device()));
  auto resource = std::make_shared<AdapterModelResource>();
  if (options.weights().empty()) {
    ASSIGN_OR_RETURN(resource->adapter, Adapter::Random(options.config(), options.seed(), device));
  } else {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
    ASSIGN_OR_RETURN(resource->adapter, Adapter::Load(path, options.config(), device));
  }
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("AdapterModel", AdapterModelResource);

}  // namespace diarflow
