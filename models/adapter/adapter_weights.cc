#include "models/adapter/adapter_weights.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "models/weights/state_dict.h"

namespace diarflow {
namespace {

using Tensors = std::vector<ExpectedTensor>;

void AddLinear(const std::string& name, int64_t out, int64_t in, Tensors* tensors) {
  tensors->push_back({name + ".weight", {out, in}});
  tensors->push_back({name + ".bias", {out}});
}

void AddNorm(const std::string& name, int64_t width, Tensors* tensors) {
  tensors->push_back({name + ".weight", {width}});
  tensors->push_back({name + ".bias", {width}});
}

}  // namespace

std::vector<ExpectedTensor> AdapterTensors(const AdapterConfig& config) {
  Tensors tensors;
  const int64_t width = config.width();
  if (config.input_projection()) AddLinear("proj", width, config.input_width(), &tensors);
  for (int layer = 0; layer < config.num_layers(); ++layer) {
    const std::string name = absl::StrCat("encoder.layers.", layer, ".");
    tensors.push_back({name + "self_attn.in_proj_weight", {3 * width, width}});
    tensors.push_back({name + "self_attn.in_proj_bias", {3 * width}});
    AddLinear(name + "self_attn.out_proj", width, width, &tensors);
    AddLinear(name + "linear1", config.feed_forward(), width, &tensors);
    AddLinear(name + "linear2", width, config.feed_forward(), &tensors);
    AddNorm(name + "norm1", width, &tensors);
    AddNorm(name + "norm2", width, &tensors);
  }
  AddLinear("head", config.num_speakers(), width, &tensors);
  return tensors;
}

absl::StatusOr<AdapterWeights> TakeAdapterWeights(const TensorTable& tensors, const AdapterConfig& config) {
  ASSIGN_OR_RETURN(const TensorTable unwrapped, UnwrapStateDict(tensors));
  return TakeTensors(unwrapped, AdapterTensors(config), "the adapter");
}

AdapterWeights RandomAdapterWeights(const AdapterConfig& config, uint64_t seed) {
  return RandomWeights(AdapterTensors(config), seed);
}

}  // namespace diarflow
