// LinearMap: a matrix of weights that rows are multiplied with, on any device.
#ifndef DIARFLOW_MODELS_KERNELS_LINEAR_MAP_H_
#define DIARFLOW_MODELS_KERNELS_LINEAR_MAP_H_

#include <cstdint>
#include <memory>

#include "ATen/core/Tensor.h"
#include "models/kernels/packed_matrix.h"

namespace diarflow {

// On a CPU the products are those of PackedMatrix, split over the threads of TorchParallelFor(); LibTorch's own come
// from a BLAS that knows no AVX-512 on some CPUs. Elsewhere they are LibTorch's.
class LinearMap {
 public:
  LinearMap() = default;
  // weights [in, out], float. Products wait for MoveTo().
  explicit LinearMap(const at::Tensor& weights) : in_(weights.size(0)), out_(weights.size(1)), weights_(weights) {}
  // Once, for the CPU too.
  void MoveTo(const at::Device& device);

  int64_t in() const { return in_; }
  int64_t out() const { return out_; }

  // x [rows, in] to x W + bias [rows, out]. The bias [out] may be undefined.
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& bias) const;

  // The same into `y` [rows, out], or added to it with `add`. The numbers of a row of x and of y stand one after
  // another; the rows of x at any distance above 0, also one that lets them overlap.
  void Multiply(const at::Tensor& x, bool add, const at::Tensor& y) const;

 private:
  int64_t in_ = 0, out_ = 0;
  at::Tensor weights_;                                 // [in, out]; not on a CPU, where they are
  std::shared_ptr<const PackedMatrix<float>> packed_;  // shared by copies
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_LINEAR_MAP_H_
