// The adapter as a function of tensors, for inference and, as nothing in it writes in place, for training: parameters
// that require gradients get them.
#ifndef DIARFLOW_MODELS_ADAPTER_NETWORK_H_
#define DIARFLOW_MODELS_ADAPTER_NETWORK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "models/adapter/adapter_config.pb.h"
#include "models/adapter/adapter_weights.h"

namespace diarflow {

// By released name, of one floating type.
using AdapterParameters = std::map<std::string, at::Tensor>;

// Copies, float32.
AdapterParameters AdapterParametersOf(const AdapterWeights& weights);

// [frames, width], float32: columns 2i and 2i + 1 of row t are sin(t d_i) and cos(t d_i), d_i = 10000^(-2i / width).
at::Tensor SinusoidalPositions(int64_t frames, int64_t width);

// Sees the values behind "proj" (with a projection), "proj+pe", "layer0", ..., "logits"; each [B, T, ...].
using AdapterObserver = std::function<void(const std::string& stage, const at::Tensor& values)>;

struct AdapterPass {
  // Above 0 for training: of attention weights, behind attention, inside and behind the feed-forward part.
  double dropout = 0;
  const AdapterObserver* observer = nullptr;
};

// x [B, T, input_width] to logits [B, T, num_speakers]. `padding` [B, T], bool, is true for frames that are not to be
// looked at; undefined: none. What comes out for such frames says nothing. Each item needs a frame that is none.
// REQUIRES: the parameters of AdapterTensors(config).
at::Tensor AdapterForward(const AdapterConfig& config, const AdapterParameters& parameters, const at::Tensor& x,
                          const at::Tensor& padding, const AdapterPass& pass);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_ADAPTER_NETWORK_H_
