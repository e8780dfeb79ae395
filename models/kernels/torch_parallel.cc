#include "models/kernels/torch_parallel.h"

#include "ATen/Parallel.h"

// A template of LibTorch's header, which without OpenMP would quietly run on one thread.
#if !defined(_OPENMP)
#error "torch_parallel.cc is compiled with -fopenmp"
#endif

namespace diarflow {

void TorchParallelFor(int64_t count, int64_t grain, absl::FunctionRef<void(int64_t, int64_t)> body) {
  at::parallel_for(0, count, grain, body);
}

}  // namespace diarflow
