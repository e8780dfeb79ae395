// Loops over the threads of LibTorch's own operations (OpenMP), for what stands between such operations: its threads
// spin for a while after each, so that a second pool would find the cores taken. Networks without LibTorch's operations
// take ParallelFor().
#ifndef DIARFLOW_MODELS_KERNELS_TORCH_PARALLEL_H_
#define DIARFLOW_MODELS_KERNELS_TORCH_PARALLEL_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace diarflow {

// Calls body(begin, end) for parts of [0, count) that make up the whole, each of about `grain` or more, and waits for
// all.
void TorchParallelFor(int64_t count, int64_t grain, absl::FunctionRef<void(int64_t, int64_t)> body);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_TORCH_PARALLEL_H_
