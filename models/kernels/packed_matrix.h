// PackedMatrix: weights laid out once for LibTorch's small matrix kernels (oneDNN's batch-reduce GEMM).
//
// The kernels read their left side in place, row by row at any distance, also where rows overlap: a convolution over
// frames stored one after another is one product whose rows begin a stride apart. Nothing is unfolded or copied.
#ifndef DIARFLOW_MODELS_KERNELS_PACKED_MATRIX_H_
#define DIARFLOW_MODELS_KERNELS_PACKED_MATRIX_H_

#include <cstdint>
#include <vector>

#include "models/kernels/bfloat16.h"
#include "models/kernels/large_pages.h"

namespace diarflow {

// Rows of several items: row r of item i begins at data + i * item_stride + r * row_stride.
template <typename T>
struct Rows {
  T* data;
  int64_t row_stride;
  int64_t item_stride;
};

// T is float or Bfloat16; sums are float in both.
template <typename T>
class PackedMatrix {
 public:
  PackedMatrix() = default;
  // weights [depth, columns], row by row.
  PackedMatrix(const std::vector<float>& weights, int64_t depth, int64_t columns);

  // y = x W for `rows` rows [depth] of each of `items` items, to rows [columns]; y += x W with `add`. Split over the
  // threads of ParallelFor() by columns, if it is called outside of it. Rows of x may overlap, those of y may not.
  // With Bfloat16 and an odd depth one number behind each row of x is read too: it has to be there, and finite.
  void Multiply(Rows<const T> x, Rows<float> y, int64_t items, int64_t rows, bool add) const;

  // The columns of y in panels of 64 (the last may be narrower), and some of them on the calling thread alone.
  int64_t panels() const;
  void MultiplyPanels(int64_t begin, int64_t end, Rows<const T> x, Rows<float> y, int64_t items, int64_t rows,
                      bool add) const;

 private:
  void MultiplyPanel(int64_t panel, Rows<const T> x, Rows<float> y, int64_t items, int64_t rows, bool add) const;

  int64_t depth_ = 0;
  int64_t columns_ = 0;
  int64_t padded_depth_ = 0;  // even with Bfloat16
  int64_t block_ = 0;         // depth that one call of a kernel takes
  // Panels of 64 columns (the last may be narrower), each [padded_depth, width]; with Bfloat16 two rows interleaved.
  LargeVector<T> panels_;
};

// x [rows, depth] times y [depth, columns], at any row distance, to out: the same kernels for a right side that
// changes. With Bfloat16 the depth is even, and y has two rows interleaved, [depth / 2, columns, 2]: its distance is
// half of that between two pairs of rows.
template <typename T>
void MultiplyPlain(const T* x, int64_t x_stride, const T* y, int64_t y_stride, int64_t rows, int64_t depth,
                   int64_t columns, float* out, int64_t out_stride);

// Whether this CPU multiplies Bfloat16 at more than the speed of float (AVX512-BF16 or AMX).
bool HasFastBfloat16();

// For tests: from now on as on a CPU without the kernels, by LibTorch's general product. Float only.
void UseGeneralProducts(bool general);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_PACKED_MATRIX_H_
