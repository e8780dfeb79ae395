// Rotary positions (Su et al., 2021) for Mimi's transformer.
#ifndef DIARFLOW_MODELS_MIMI_ROTATE_H_
#define DIARFLOW_MODELS_MIMI_ROTATE_H_

#include <cstdint>

#include "ATen/core/Tensor.h"

namespace diarflow {

// Turns the pairs (2 i, 2 i + 1) of every head of the queries and keys in rows [B, T, 3 D] of queries, keys and values,
// in place. cosines, sines [T, D / heads / 2]. All contiguous, and on one device.
void RotateKeysAndQueries(const at::Tensor& projected, int64_t heads, const at::Tensor& cosines,
                          const at::Tensor& sines);

// The same by operations on tensors, for any device. On a CPU it takes several times as long: each of its steps goes
// through all numbers again.
void RotateByTensors(const at::Tensor& projected, int64_t heads, const at::Tensor& cosines, const at::Tensor& sines);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_ROTATE_H_
