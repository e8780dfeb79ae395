#include "models/layers/frames.h"

#include <algorithm>
#include <cstdint>

#include "ATen/ops/conv1d.h"
#include "ATen/ops/empty_like.h"
#include "c10/util/Exception.h"
#include "models/kernels/row_kernels.h"
#include "models/kernels/torch_parallel.h"

namespace diarflow {
namespace {

// A thread is worth waking for this many numbers.
constexpr int64_t kGrain = 1 << 15;

// kernel(rows, columns, numbers) over all rows of x, some at a time.
template <typename Kernel>
void ForRows(const at::Tensor& x, const Kernel& kernel) {
  TORCH_CHECK(x.is_contiguous(), "frames [..., C] stand one after another");
  const int64_t columns = x.size(-1);
  float* numbers = x.mutable_data_ptr<float>();
  TorchParallelFor(x.numel() / columns, std::max<int64_t>(1, kGrain / columns),
                   [&](int64_t begin, int64_t end) { kernel(end - begin, columns, numbers + begin * columns); });
}

}  // namespace

void AddBias(const at::Tensor& x, const at::Tensor& bias) {
  if (!x.is_cpu()) {
    x.add_(bias);
    return;
  }
  ForRows(x, [values = bias.const_data_ptr<float>()](int64_t rows, int64_t columns, float* numbers) {
    AddBiasRows(values, rows, columns, numbers);
  });
}

void AddBiasRelu(const at::Tensor& x, const at::Tensor& bias) {
  if (!x.is_cpu()) {
    x.add_(bias).relu_();
    return;
  }
  ForRows(x, [values = bias.const_data_ptr<float>()](int64_t rows, int64_t columns, float* numbers) {
    AddBiasReluRows(values, rows, columns, numbers);
  });
}

at::Tensor DepthwiseConvolution(const at::Tensor& x, const at::Tensor& weights) {
  const int64_t taps = weights.size(0), frames = x.size(1), channels = x.size(2);
  if (!x.is_cpu()) {
    return at::conv1d(x.transpose(1, 2), weights.t().unsqueeze(1), {}, /*stride=*/1, /*padding=*/taps / 2,
                      /*dilation=*/1, /*groups=*/channels)
        .transpose(1, 2)
        .contiguous();
  }
  TORCH_CHECK(x.is_contiguous() && weights.is_contiguous() && taps % 2 == 1, "x ", x.sizes(), ", weights ",
              weights.sizes());
  at::Tensor y = at::empty_like(x);
  const float* from = x.const_data_ptr<float>();
  const float* kernel = weights.const_data_ptr<float>();
  float* to = y.mutable_data_ptr<float>();
  const int64_t grain = std::max<int64_t>(1, kGrain / (channels * taps));
  TorchParallelFor(x.size(0) * frames, grain, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t item = begin / frames, first = begin % frames;
      const int64_t last = std::min(frames, first + end - begin);
      DepthwiseRows(from + item * frames * channels, kernel, taps, frames, channels, first, last,
                    to + begin * channels);
      begin += last - first;
    }
  });
  return y;
}

}  // namespace diarflow
