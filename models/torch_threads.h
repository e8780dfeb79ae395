// How many threads LibTorch may use inside one call, for the whole process.
#ifndef DIARFLOW_MODELS_TORCH_THREADS_H_
#define DIARFLOW_MODELS_TORCH_THREADS_H_

namespace diarflow {

// REQUIRES: threads >= 1. With several calls at once (as the pipelines make them) 1 is best: the calls then share
// the cores without waiting for one another.
void SetModelThreads(int threads);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TORCH_THREADS_H_
