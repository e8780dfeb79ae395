#include "models/mimi/rotate.h"

namespace diarflow {

void RotateKeysAndQueries(const at::Tensor& projected, int64_t heads, const at::Tensor& cosines,
                          const at::Tensor& sines) {
  if (!projected.is_cpu()) return RotateByTensors(projected, heads, cosines, sines);
  const int64_t frames = cosines.size(0), pairs = cosines.size(1);
  for (int64_t row = 0; row < projected.size(0) * frames; ++row) {
    const float* cosine = cosines.const_data_ptr<float>() + (row % frames) * pairs;
    const float* sine = sines.const_data_ptr<float>() + (row % frames) * pairs;
    float* number = projected.mutable_data_ptr<float>() + row * projected.size(2);
    for (int64_t head = 0; head < 2 * heads; ++head) {
      for (int64_t i = 0; i < pairs; ++i, number += 2) {
        const float real = number[0];
        const float imaginary = number[1];
        number[0] = real * cosine[i] - imaginary * sine[i];
        number[1] = real * sine[i] + imaginary * cosine[i];
      }
    }
  }
}

void RotateByTensors(const at::Tensor& projected, int64_t heads, const at::Tensor& cosines, const at::Tensor& sines) {
  const int64_t frames = cosines.size(0), pairs = cosines.size(1);
  const at::Tensor turned = projected.narrow(2, 0, 4 * heads * pairs).view({-1, frames, 2 * heads, pairs, 2});
  const at::Tensor real = turned.select(4, 0), imaginary = turned.select(4, 1);
  const at::Tensor cosine = cosines.unsqueeze(1), sine = sines.unsqueeze(1);
  const at::Tensor new_real = real.mul(cosine).sub_(imaginary.mul(sine));
  imaginary.copy_(real.mul(sine).add_(imaginary.mul(cosine)));
  real.copy_(new_real);
}

}  // namespace diarflow
