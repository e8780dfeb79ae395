// Layers over frames that stand one after another, [B, T, C] with the channels of a frame together, on any device. On
// a CPU they are loops of models/kernels, split over the threads of TorchParallelFor().
#ifndef DIARFLOW_MODELS_LAYERS_FRAMES_H_
#define DIARFLOW_MODELS_LAYERS_FRAMES_H_

#include "ATen/core/Tensor.h"

namespace diarflow {

// x + bias [C], and what is then below 0 becomes 0. In place; x [..., C] is contiguous.
void AddBias(const at::Tensor& x, const at::Tensor& bias);
void AddBiasRelu(const at::Tensor& x, const at::Tensor& bias);

// A convolution over time, each channel by itself, with zeros before and behind: x [B, T, C], contiguous, and weights
// [taps, C], an odd number of taps, to [B, T, C].
at::Tensor DepthwiseConvolution(const at::Tensor& x, const at::Tensor& weights);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_LAYERS_FRAMES_H_
