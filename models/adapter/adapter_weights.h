// The weights of the adapter under their released names.
#ifndef DIARFLOW_MODELS_ADAPTER_ADAPTER_WEIGHTS_H_
#define DIARFLOW_MODELS_ADAPTER_ADAPTER_WEIGHTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/adapter/adapter_config.pb.h"
#include "models/weights/take_tensors.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

using AdapterWeights = std::map<std::string, FloatArray>;

// proj.{weight, bias} (with an input projection), encoder.layers.L.{self_attn.{in_proj_weight, in_proj_bias,
// out_proj.{weight, bias}}, linear1, linear2, norm1, norm2 .{weight, bias}}, head.{weight, bias}: 52 for 4 layers.
// REQUIRES: a config that passed its check.
std::vector<ExpectedTensor> AdapterTensors(const AdapterConfig& config);

// See TakeTensors(). They may stand inside a checkpoint, as UnwrapStateDict() knows it.
absl::StatusOr<AdapterWeights> TakeAdapterWeights(const TensorTable& tensors, const AdapterConfig& config);

// See RandomWeights(). REQUIRES: a config that passed its check.
AdapterWeights RandomAdapterWeights(const AdapterConfig& config, uint64_t seed);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_ADAPTER_ADAPTER_WEIGHTS_H_
