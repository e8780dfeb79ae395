// A GPU that is none: LibTorch takes it for the only CUDA device, while its memory and arithmetic are the CPU's. With
// it tests find, on any machine, what would break on a GPU: numbers read where a GPU keeps them (the process dies of
// it), and operations on tensors of both sides.
//
// It says nothing about what the kernels of CUDA compute: tools/gpu_check.sh does, on a machine with a GPU.
#ifndef DIARFLOW_MODELS_TESTING_PRETENDED_GPU_H_
#define DIARFLOW_MODELS_TESTING_PRETENDED_GPU_H_

namespace diarflow {

// From now on, for the whole process. To be called before anything asks LibTorch for GPUs. False where LibTorch has
// CUDA itself: then nothing changes.
bool PretendGpu();

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TESTING_PRETENDED_GPU_H_
