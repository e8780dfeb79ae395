// What the convolutions of the fast encoder work on: frames one after another behind their left context.
#ifndef DIARFLOW_MODELS_MIMI_FAST_CONV_H_
#define DIARFLOW_MODELS_MIMI_FAST_CONV_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/float_array.h"
#include "models/kernels/packed_matrix.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

// A causal convolution x [T, in] to [T / stride, out]: output row t sees the input rows (t + 1) * stride - kernel to
// (t + 1) * stride - 1, kernel * in numbers that stand one after another. Its bias is for the caller to add.
template <typename T>
struct FastConv {
  // weight [out, in, kernel]; bias [out], or empty. REQUIRES: stride <= kernel.
  FastConv(const std::string& name, const FloatArray& weight, const FloatArray& bias, int64_t stride,
           StateLayout* layout)
      : in(weight.dim(1)), out(weight.dim(0)), kernel(weight.dim(2)), stride(stride) {
    std::vector<float> matrix_values(static_cast<size_t>(weight.size()));
    for (int64_t column = 0; column < out; ++column) {
      for (int64_t channel = 0; channel < in; ++channel) {
        for (int64_t tap = 0; tap < kernel; ++tap) {
          matrix_values[static_cast<size_t>((tap * in + channel) * out + column)] =
              weight[(column * in + channel) * kernel + tap];
        }
      }
    }
    matrix = PackedMatrix<T>(matrix_values, kernel * in, out);
    this->bias.assign(static_cast<size_t>(out), 0);
    std::copy(bias.begin(), bias.end(), this->bias.begin());
    if (context() > 0) slot = layout->Add(name + ".context", {context(), in});
  }

  // Rows before the piece that its first output row sees; they are the state.
  int64_t context() const { return kernel - stride; }

  int64_t in, out, kernel, stride;
  PackedMatrix<T> matrix;
  std::vector<float> bias;
  size_t slot = 0;  // when context() > 0
};

// For each of some items the context and the fresh rows of a convolution's input.
template <typename T>
class ConvInput {
 public:
  explicit ConvInput(const FastConv<T>& conv) : conv_(&conv) {}

  // Room for `rows` fresh rows of each item; what it held is lost when it grows.
  void Reserve(int64_t items, int64_t rows) {
    item_stride_ = (conv_->context() + rows) * conv_->in;
    // One more than is used: PackedMatrix::Multiply() may read it.
    const auto size = static_cast<size_t>(items * item_stride_ + 1);
    if (values_.size() < size) values_.assign(size, T());
  }

  T* fresh(int64_t item) { return all(item) + conv_->context() * conv_->in; }

  // From and to the slot of one stream.
  void LoadContext(int64_t item, const float* stored) {
    for (int64_t i = 0; i < conv_->context() * conv_->in; ++i) Store(stored[i], all(item) + i);
  }
  void SaveContext(int64_t item, float* stored) {
    for (int64_t i = 0; i < conv_->context() * conv_->in; ++i) stored[i] = Load(all(item)[i]);
  }
  void ClearContext(int64_t item) { std::fill_n(all(item), conv_->context() * conv_->in, T()); }

  // The convolution of `rows` fresh rows of each item; then their last ones are the context.
  void Run(Rows<float> out, int64_t items, int64_t rows, bool add) {
    const Rows<const T> frames = {values_.data(), conv_->stride * conv_->in, item_stride_};
    conv_->matrix.Multiply(frames, out, items, rows / conv_->stride, add);
    if (conv_->context() == 0) return;
    for (int64_t item = 0; item < items; ++item) {
      std::memmove(all(item), all(item) + rows * conv_->in,
                   static_cast<size_t>(conv_->context() * conv_->in) * sizeof(T));
    }
  }

 private:
  T* all(int64_t item) { return values_.data() + item * item_stride_; }

  const FastConv<T>* conv_;
  int64_t item_stride_ = 0;
  std::vector<T> values_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_FAST_CONV_H_
