#include "models/training/adapter_front.h"

#include <memory>

#include "ATen/ops/layer_norm.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "c10/core/GradMode.h"
#include "models/device/torch_device.h"
#include "models/weights/open_weights.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

// As diarization/fuse_frames.h has it.
constexpr double kLayerNormEpsilon = 1e-5;

std::string LayerPrefix(int layer) { return absl::StrCat("encoder_transformer.transformer.layers.", layer, "."); }

absl::StatusOr<TensorTable> TableOf(const MimiWeights& weights, const std::string& source) {
  TensorTable table(source);
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  return table;
}

}  // namespace

absl::StatusOr<AdapterFront> AdapterFront::Create(const AdapterFrontOptions& options, const ModelDevice& device) {
  AdapterFront front;
  front.options_ = options;
  if (options.mimi_weights.empty()) {
    const MimiConfig config = options.mimi_config.value_or(SmallMimiConfig());
    RETURN_IF_ERROR(CheckMimiConfig(config));
    front.config_ = FillMimiConfig(config);
    front.weights_ = RandomMimiWeights(front.config_, options.mimi_seed);
    ASSIGN_OR_RETURN(const TensorTable table, TableOf(front.weights_, "random weights"));
    front.digest_ = table.Digest();
  } else {
    ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(options.mimi_weights));
    MimiConfig config = options.mimi_config.value_or(MimiConfig());
    if (!options.mimi_config.has_value()) {
      ASSIGN_OR_RETURN(config, MimiConfigOf(table));
    }
    RETURN_IF_ERROR(CheckMimiConfig(config));
    front.config_ = FillMimiConfig(config);
    ASSIGN_OR_RETURN(front.weights_, TakeMimiWeights(table, front.config_));
    front.digest_ = table.Digest();
  }
  const int all = front.config_.num_layers();
  if (options.layers < 0 || options.layers > all) {
    return absl::InvalidArgumentError(absl::StrCat("layers is ", options.layers, "; the encoder transformer of Mimi (",
                                                   MimiSizeName(front.config_), ") has ", all));
  }
  MimiWeights used;
  for (const auto& [name, values] : front.weights_) {
    if (absl::StartsWith(name, "encoder_transformer.") || absl::StartsWith(name, "downsample.")) used[name] = values;
  }
  front.tensors_ = CodecTensorsOf(used);
  MoveTensors(TorchDevice(device), &front.tensors_);
  for (int layer = all - options.layers; layer < all; ++layer) {
    for (auto& [name, tensor] : front.tensors_) {
      if (!absl::StartsWith(name, LayerPrefix(layer))) continue;
      front.trained_[absl::StrCat(kFrontPrefix, name)] = tensor.set_requires_grad(true);
    }
  }
  return front;
}

at::Tensor AdapterFront::Forward(const at::Tensor& frames) const {
  const int all = config_.num_layers(), frozen = all - options_.layers;
  at::Tensor below;
  {
    const c10::NoGradGuard no_gradients;
    below = TransformForTraining(config_, tensors_, frames, 0, frozen);
  }
  const at::Tensor above = TransformForTraining(config_, tensors_, below, frozen, all);
  return NormaliseForTraining(HalveForTraining(tensors_, above, options_.halved_by), options_.normalise);
}

absl::Status AdapterFront::ExportMimi(const std::string& trained, const std::string& path) const {
  ASSIGN_OR_RETURN(const TensorTable table, ReadSafetensors(trained));
  TensorTable mimi(path);
  const auto owner = std::make_shared<const TensorTable>(table);
  for (const auto& [name, values] : weights_) {
    const std::string long_name = absl::StrCat(kFrontPrefix, name);
    if (trained_.count(long_name) == 0) {
      RETURN_IF_ERROR(mimi.AddFloats(name, values));
      continue;
    }
    const TensorView* view = table.Find(long_name);
    if (view == nullptr || view->shape != values.shape()) {
      return absl::DataLossError(absl::StrCat(trained, ": no tensor ", long_name, " of the network's shape"));
    }
    RETURN_IF_ERROR(mimi.Add(name, *view, owner));
  }
  mimi.mutable_metadata() = table.metadata();
  mimi.mutable_metadata()[kMimiConfigKey] = config_.ShortDebugString();
  return WriteFileDurably(path, SerializeSafetensors(mimi));
}

at::Tensor NormaliseForTraining(const at::Tensor& frames, FrontNormalise normalise) {
  if (normalise == FrontNormalise::kNone) return frames;
  if (normalise == FrontNormalise::kLayerNorm) {
    return at::layer_norm(frames, {frames.size(-1)}, /*weight=*/{}, /*bias=*/{}, kLayerNormEpsilon);
  }
  const at::Tensor squares = frames.square().sum(-1, /*keepdim=*/true);
  // The root has an infinite slope at 0.
  return frames.div(squares.masked_fill(squares.eq(0), 1).sqrt());
}

}  // namespace diarflow
