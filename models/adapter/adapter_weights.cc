#include "models/adapter/adapter_weights.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr absl::string_view kPrefixes[] = {"model_state_dict.", "state_dict.", "model."};

using Tensors = std::vector<ExpectedTensor>;

void AddLinear(const std::string& name, int64_t out, int64_t in, Tensors* tensors) {
  tensors->push_back({name + ".weight", {out, in}});
  tensors->push_back({name + ".bias", {out}});
}

void AddNorm(const std::string& name, int64_t width, Tensors* tensors) {
  tensors->push_back({name + ".weight", {width}});
  tensors->push_back({name + ".bias", {width}});
}

bool IsOfTraining(absl::string_view name) {
  return absl::StartsWith(name, "optimizer") || absl::StartsWith(name, "scheduler");
}

// What stands before every name, with the prefixes of kPrefixes; empty for none.
std::string SharedPrefix(const std::vector<std::string>& names) {
  std::string shared;
  for (bool found = !names.empty(); found;) {
    found = false;
    for (const absl::string_view prefix : kPrefixes) {
      const std::string longer = absl::StrCat(shared, prefix);
      found = std::all_of(names.begin(), names.end(),
                          [&](const std::string& name) { return absl::StartsWith(name, longer); });
      if (!found) continue;
      shared = longer;
      break;
    }
  }
  return shared;
}

// The tensors of the network alone, under their plain names.
absl::StatusOr<TensorTable> Unwrap(const TensorTable& tensors) {
  std::vector<std::string> names = tensors.Names();
  names.erase(std::remove_if(names.begin(), names.end(), &IsOfTraining), names.end());
  const std::string prefix = SharedPrefix(names);
  if (prefix.empty()) return tensors;
  TensorTable unwrapped(tensors.source());
  const auto owner = std::make_shared<const TensorTable>(tensors);
  for (const std::string& name : names) {
    RETURN_IF_ERROR(unwrapped.Add(name.substr(prefix.size()), *tensors.Find(name), owner));
  }
  return unwrapped;
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
  ASSIGN_OR_RETURN(const TensorTable unwrapped, Unwrap(tensors));
  return TakeTensors(unwrapped, AdapterTensors(config), "the adapter");
}

AdapterWeights RandomAdapterWeights(const AdapterConfig& config, uint64_t seed) {
  AdapterWeights weights;
  for (const ExpectedTensor& tensor : AdapterTensors(config)) {
    float middle = 0, reach = 0.1f;
    if (tensor.shape.size() == 2) {
      // Uniform in [-a, a) has the variance a^2 / 3.
      reach = static_cast<float>(std::sqrt(6.0 / static_cast<double>(tensor.shape[1])));
    } else if (absl::EndsWith(tensor.name, ".weight")) {
      middle = 1;
      reach = 0.2f;
    }
    FloatArray values = FloatArray::Zeros(tensor.shape);
    float* out = values.mutable_data();
    for (const float value : RandomTensor(tensor.shape, reach, seed, tensor.name)) *out++ = middle + value;
    weights[tensor.name] = std::move(values);
  }
  return weights;
}

int64_t CountAdapterParameters(const AdapterWeights& weights) {
  int64_t count = 0;
  for (const auto& [name, values] : weights) count += values.size();
  return count;
}

}  // namespace diarflow
