// Windows of equal length over a recording, for encoders that take pieces.
#ifndef DIARFLOW_MODELS_WINDOWS_H_
#define DIARFLOW_MODELS_WINDOWS_H_

#include <cstdint>

#include "base/float_array.h"

namespace diarflow {

// The entries [begin, end) of the first axis, copied: samples of [N], frames of [T, D].
// REQUIRES: 0 <= begin <= end <= values.dim(0).
FloatArray Slice(const FloatArray& values, int64_t begin, int64_t end);

// Samples [N] over and over, `length` of them: what fills a window that is longer than the recording. REQUIRES: N > 0.
FloatArray RepeatToLength(const FloatArray& samples, int64_t length);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WINDOWS_H_
