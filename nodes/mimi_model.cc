#include "nodes/mimi_model.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "models/device/device.h"
#include "models/torch_threads.h"
#include "models/weights/open_weights.h"
#include "nodes/mimi_model.pb.h"

namespace diarflow {
namespace {

absl::Status CheckMimiModel(const options::MimiModel& options) {
  RETURN_IF_ERROR(CheckDevice(options.device()));
  return options.has_config() ? CheckMimiConfig(options.config()) : absl::OkStatus();
}

MimiPrecision PrecisionOf(const options::MimiModel& options) {
  switch (options.precision()) {
    case options::MimiModel::BFLOAT16: return MimiPrecision::kBfloat16;
    case options::MimiModel::FASTEST: return FastestMimiPrecision();
    case options::MimiModel::FLOAT32: break;
  }
  return MimiPrecision::kFloat32;
}

}  // namespace

void MimiModelResource::Contract(ContractBuilder& contract) {
  contract.Summary("A Mimi encoder: weights from a file, or random ones.").Options<options::MimiModel>(&CheckMimiModel);
}

absl::StatusOr<std::shared_ptr<const MimiModelResource>> MimiModelResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::MimiModel>();
  SetModelThreads(context.model_threads());
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device()));
  auto resource = std::make_shared<MimiModelResource>();
  if (options.weights().empty()) {
    const MimiConfig config = options.has_config() ? options.config() : SmallMimiConfig();
    ASSIGN_OR_RETURN(resource->encoder, MimiEncoder::Random(config, options.seed(), PrecisionOf(options), device));
  } else {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.weights()));
    ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
    MimiConfig config = options.config();
    if (!options.has_config()) {
      ASSIGN_OR_RETURN(config, MimiConfigOf(table));
    }
    ASSIGN_OR_RETURN(resource->encoder, MimiEncoder::FromTensors(table, config, path.substr(path.rfind('/') + 1),
                                                                 PrecisionOf(options), device));
  }
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("MimiModel", MimiModelResource);

}  // namespace diarflow
