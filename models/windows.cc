#include "models/windows.h"

#include <algorithm>
#include <vector>

namespace diarflow {

FloatArray Slice(const FloatArray& values, int64_t begin, int64_t end) {
  std::vector<int64_t> shape = values.shape();
  const int64_t width = shape[0] == 0 ? 0 : values.size() / shape[0];
  shape[0] = end - begin;
  FloatArray slice = FloatArray::Zeros(shape);
  if (slice.size() > 0) std::copy_n(values.data() + begin * width, slice.size(), slice.mutable_data());
  return slice;
}

FloatArray RepeatToLength(const FloatArray& samples, int64_t length) {
  FloatArray repeated = FloatArray::Zeros({length});
  float* out = repeated.mutable_data();
  for (int64_t i = 0; i < length; ++i) out[i] = samples[i % samples.size()];
  return repeated;
}

}  // namespace diarflow
