// Loops over the threads that LibTorch may use inside one call (at::set_num_threads), run by TBB: its workers sleep
// while they wait, and are those that run the pipelines.
#ifndef DIARFLOW_MODELS_KERNELS_PARALLEL_H_
#define DIARFLOW_MODELS_KERNELS_PARALLEL_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace diarflow {

// The number of threads that ParallelFor() may use here: 1 inside of it.
int ParallelThreads();

// Calls body(begin, end) for parts of [0, count) that make up the whole, each of at least `grain`, and waits for all.
// Inside of another ParallelFor() the body is called once, with the whole.
void ParallelFor(int64_t count, int64_t grain, absl::FunctionRef<void(int64_t, int64_t)> body);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_PARALLEL_H_
