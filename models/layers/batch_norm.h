// Batch norms of trained networks: with their running mean and variance, and folded into the convolution before them.
#ifndef DIARFLOW_MODELS_LAYERS_BATCH_NORM_H_
#define DIARFLOW_MODELS_LAYERS_BATCH_NORM_H_

#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "base/float_array.h"

namespace diarflow {

// Weights of a network under their released names.
using NamedWeights = std::map<std::string, FloatArray>;

// What becomes of a batch norm behind a convolution: part of the convolution's weights and bias, or a step of its own.
enum class BatchNormForm { kFolded, kApart };

// A weight, copied. REQUIRES: it is there.
at::Tensor TakeWeight(const NamedWeights& weights, const std::string& name);

// x * scale + shift for each channel.
struct BatchNorm {
  at::Tensor scale;  // [C]
  at::Tensor shift;  // [C]

  // NAME.running_mean, .running_var, and .weight and .bias where there are some (else 1 and 0).
  static BatchNorm Take(const NamedWeights& weights, const std::string& name, double epsilon = 1e-5);

  // max(0, x * scale + shift) for x [rows, C], as a new tensor.
  at::Tensor ThenRelu(const at::Tensor& x) const;
};

// The weight of a convolution, [out, ...], and its bias [out], with a norm folded in.
struct FoldedConv {
  at::Tensor weight;
  at::Tensor bias;
};
FoldedConv Fold(const at::Tensor& weight, const BatchNorm& norm);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_LAYERS_BATCH_NORM_H_
