// The parts that the layers of CAM++ are put together from: batch norms, and linear maps with one behind.
#ifndef DIARFLOW_MODELS_CAMPPLUS_LAYERS_H_
#define DIARFLOW_MODELS_CAMPPLUS_LAYERS_H_

#include <functional>
#include <string>

#include "ATen/core/Tensor.h"
#include "models/campplus/campplus_weights.h"

namespace diarflow {

// What becomes of a batch norm behind a convolution: part of the convolution's weights and bias, or a step of its own.
enum class BatchNormForm { kFolded, kApart };

// Sees what the layers give, under their released names; as released, channels before time: [B, C, T], and
// [B, C, frequency, T] in the head. A convolution that its batch norm is folded into is not seen.
using LayerObserver = std::function<void(const std::string& name, const at::Tensor& values)>;

// Weights by name, as tensors.
at::Tensor TakeWeight(const CampplusWeights& weights, const std::string& name);

// x * scale + shift for each channel: a batch norm with its running mean and variance.
struct BatchNorm {
  at::Tensor scale;  // [C]
  at::Tensor shift;  // [C]

  // A norm without a weight and a bias has 1 and 0.
  static BatchNorm Take(const CampplusWeights& weights, const std::string& name);

  // max(0, x * scale + shift) for x [rows, C], as a new tensor.
  at::Tensor ThenRelu(const at::Tensor& x) const;
};

// y = x matrix + bias, for rows of x; then the norm where it is apart.
class NormedLinear {
 public:
  // weight [out, in, 1] of `linear`, and the batch norm behind it.
  NormedLinear(const CampplusWeights& weights, const std::string& linear, const std::string& norm, BatchNormForm form);

  // [rows, in] to [rows, out].
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  at::Tensor matrix_;  // [in, out]
  at::Tensor bias_;    // [out]
  BatchNorm apart_;    // undefined when folded
};

// The weight of a convolution, [out, ...], and its bias, with a norm folded in.
struct FoldedConv {
  at::Tensor weight;
  at::Tensor bias;
};
FoldedConv Fold(const at::Tensor& weight, const BatchNorm& norm);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_LAYERS_H_
