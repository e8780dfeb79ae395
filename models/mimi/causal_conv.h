// CausalConv: a causal 1-D convolution over frames in time-major layout, with its left context as state.
#ifndef DIARFLOW_MODELS_MIMI_CAUSAL_CONV_H_
#define DIARFLOW_MODELS_MIMI_CAUSAL_CONV_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "ATen/core/Tensor.h"
#include "base/float_array.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

// x [B, T, in] to [B, T / stride, out]: output frame t sees the input frames (t + 1) * stride - kernel to
// (t + 1) * stride - 1. The kernel - stride frames before the piece are the state.
//
// The kernel is a whole number of strides. With frames stored one after another the convolution is then kernel / stride
// matrix products over the same memory, each shifted by a stride: nothing is unfolded, and a core works near its full
// speed. The convolutions of LibTorch, which want channels first, are slower here.
class CausalConv {
 public:
  enum class Input { kPlain, kElu };

  // weight [out, in, kernel]; bias [out], or empty. REQUIRES: kernel is a multiple of stride.
  CausalConv(const std::string& name, const FloatArray& weight, const FloatArray& bias, int64_t stride,
             StateLayout* layout, const at::Device& device);

  // kElu takes ELU(x) for x. REQUIRES: T is a multiple of the stride; x and the state are on the device.
  at::Tensor Forward(const at::Tensor& x, Input input, StreamState& state) const;

  // Sets the left context to copies of the first frame of x.
  void ReplicateFirst(const at::Tensor& x, StreamState& state) const;

 private:
  at::Tensor PadLeft(const at::Tensor& x, Input input, StreamState& state) const;

  int64_t in_;
  int64_t out_;
  int64_t kernel_;
  int64_t stride_;
  at::Tensor weight_;  // [kernel * in, out]
  at::Tensor bias_;    // [out]
  size_t context_;     // slot, when kernel > stride
};

// A tensor that owns a copy of the numbers.
at::Tensor ToTensor(const FloatArray& values);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_CAUSAL_CONV_H_
