// What the cores of this machine can do at most: the figures that a benchmark's are shares of.
#ifndef DIARFLOW_MODELS_ROOFLINE_ROOFLINE_H_
#define DIARFLOW_MODELS_ROOFLINE_ROOFLINE_H_

namespace diarflow {

enum class Operand { kFloat32, kBfloat16 };

// The best rate of matrix products that LibTorch reaches on so many threads, 1e9 operations a second: of at::mm, and of
// oneDNN's small kernels on data in the cache, each measured for some `seconds`. 0 where there are none.
double PeakGflops(Operand operand, int threads, double seconds);

// Bytes that so many threads read a second, from memory far larger than the caches.
double PeakReadBandwidth(int threads, double seconds);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_ROOFLINE_ROOFLINE_H_
