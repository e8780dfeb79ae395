// The parts that the layers of CAM++ are put together from: linear maps with a batch norm behind.
#ifndef DIARFLOW_MODELS_CAMPPLUS_LAYERS_H_
#define DIARFLOW_MODELS_CAMPPLUS_LAYERS_H_

#include <functional>
#include <string>

#include "ATen/core/Tensor.h"
#include "models/campplus/campplus_weights.h"
#include "models/kernels/linear_map.h"
#include "models/layers/batch_norm.h"

namespace diarflow {

// Sees what the layers give, under their released names; as released, channels before time: [B, C, T], and
// [B, C, frequency, T] in the head. A convolution that its batch norm is folded into is not seen.
using LayerObserver = std::function<void(const std::string& name, const at::Tensor& values)>;

// y = map(x) + bias, for rows of x; then the norm where it is apart.
class NormedLinear {
 public:
  // weight [out, in, 1] of `linear`, and the batch norm behind it.
  NormedLinear(const CampplusWeights& weights, const std::string& linear, const std::string& norm, BatchNormForm form);
  void MoveTo(const at::Device& device);

  // [rows, in] to [rows, out].
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  LinearMap map_;
  at::Tensor bias_;  // [out]
  BatchNorm apart_;  // undefined when folded
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_LAYERS_H_
