// What a network does between its matrix products, in one pass over each row while it is in the cache. Rows are
// contiguous, [rows, columns]. Every function has versions for AVX-512, AVX2 and any other CPU, chosen when it runs.
//
// T is the operand of the next matrix product: float, or Bfloat16.
#ifndef DIARFLOW_MODELS_KERNELS_ROW_KERNELS_H_
#define DIARFLOW_MODELS_KERNELS_ROW_KERNELS_H_

#include <cstdint>

#include "models/kernels/bfloat16.h"

namespace diarflow {

// out = ELU(x + bias), with bias [columns]. Within 1e-7 of the exact function.
template <typename T>
void EluRows(const float* x, const float* bias, int64_t rows, int64_t columns, T* out);

// out = (x - mean) / sqrt(variance + epsilon) * weight + bias, mean and variance of each row.
template <typename T>
void LayerNormRows(const float* x, const float* weight, const float* bias, float epsilon, int64_t rows, int64_t columns,
                   T* out);

// out = x / 2 * (1 + erf(x / sqrt(2))). Within 2e-7 |x| of the exact function (Abramowitz and Stegun 7.1.26).
template <typename T>
void Gelu(const float* x, int64_t count, T* out);

template <typename T>
void Convert(const float* x, int64_t count, T* out);

// x += bias.
void AddBiasRows(const float* bias, int64_t rows, int64_t columns, float* x);

// x = max(0, x + bias).
void AddBiasReluRows(const float* bias, int64_t rows, int64_t columns, float* x);

// The rows begin to end - 1 of a convolution over the rows of x [rows, columns], each column by itself: out[t] is the
// sum of weights[k] * x[t + k - taps / 2] over those k whose row there is. weights [taps, columns]; out begins with row
// `begin`.
void DepthwiseRows(const float* x, const float* weights, int64_t taps, int64_t rows, int64_t columns, int64_t begin,
                   int64_t end, float* out);

// Turns each pair (x[i], x[i + pairs]) by the angle whose cosine and sine are given: heads of 2 * pairs numbers, one
// after another.
void RotateHeads(const float* cosines, const float* sines, int64_t pairs, int64_t heads, float* x);

// x = softmax(x) over those of `columns` entries whose age - youngest is 0 to window - 1; the others become 0. At
// least one entry has to be in the window.
void WindowSoftmax(const int32_t* ages, int32_t youngest, int32_t window, int64_t columns, float* x);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_ROW_KERNELS_H_
