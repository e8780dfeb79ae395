#include "models/mimi/causal_conv.h"

#include <algorithm>

#include "ATen/ops/addmm.h"
#include "ATen/ops/elu.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/zeros.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

// Unfolding pays where a matrix product would have very few columns (the first convolution has one channel), or where
// several streams have so few frames that one product for all reads the weights once instead of once a stream.
constexpr int64_t kNarrow = 16;
constexpr int64_t kFewFrames = 32;
constexpr int64_t kUnfoldedNumbers = 1 << 16;

}  // namespace

at::Tensor ToTensor(const FloatArray& values) {
  at::Tensor tensor = at::empty(values.shape());
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<float>());
  return tensor;
}

CausalConv::CausalConv(const std::string& name, const FloatArray& weight, const FloatArray& bias, int64_t stride,
                       StateLayout* layout, const at::Device& device)
    : in_(weight.dim(1)), out_(weight.dim(0)), kernel_(weight.dim(2)), stride_(stride), context_(0) {
  weight_ = ToTensor(weight).permute({2, 1, 0}).contiguous().view({kernel_ * in_, out_});
  bias_ = bias.empty() ? at::zeros({out_}) : ToTensor(bias);
  MoveTensors(device, {&weight_, &bias_});
  if (kernel_ > stride_) context_ = layout->Add(name + ".context", {kernel_ - stride_, in_});
}

at::Tensor CausalConv::PadLeft(const at::Tensor& x, Input input, StreamState& state) const {
  const int64_t context = kernel_ - stride_;
  const int64_t frames = x.size(1);
  at::Tensor padded = at::empty({x.size(0), context + frames, in_}, x.options());
  at::Tensor fresh = padded.narrow(1, context, frames);
  if (input == Input::kElu)
    at::elu_out(fresh, x);
  else
    fresh.copy_(x);
  if (context > 0) {
    at::Tensor& before = state[context_];
    padded.narrow(1, 0, context).copy_(before);
    before.copy_(padded.narrow(1, frames, context));
  }
  return padded;
}

at::Tensor CausalConv::Forward(const at::Tensor& x, Input input, StreamState& state) const {
  const bool as_it_is = kernel_ == stride_ && input == Input::kPlain && x.is_contiguous();
  const at::Tensor padded = as_it_is ? x : PadLeft(x, input, state);
  const int64_t batch = x.size(0);
  const int64_t frames = x.size(1) / stride_;
  const int64_t step = stride_ * in_;
  const int64_t taps = kernel_ / stride_;
  at::Tensor y = at::empty({batch, frames, out_}, x.options());
  if (step >= kNarrow && batch > 1 && frames < kFewFrames) {
    const at::Tensor unfolded =
        padded.as_strided({batch, frames, kernel_ * in_}, {padded.stride(0), step, 1}).contiguous();
    at::Tensor rows = y.view({batch * frames, out_});
    at::addmm_out(rows, bias_, unfolded.view({batch * frames, kernel_ * in_}), weight_);
    return y;
  }
  for (int64_t item = 0; item < batch; ++item) {
    const at::Tensor source = padded.select(0, item);
    at::Tensor target = y.select(0, item);
    if (step < kNarrow) {
      const int64_t rows = std::max<int64_t>(1, kUnfoldedNumbers / (kernel_ * in_));
      for (int64_t begin = 0; begin < frames; begin += rows) {
        const int64_t count = std::min(rows, frames - begin);
        const at::Tensor unfolded =
            source.as_strided({count, kernel_ * in_}, {step, 1}, source.storage_offset() + begin * step).contiguous();
        at::Tensor part = target.narrow(0, begin, count);
        at::addmm_out(part, bias_, unfolded, weight_);
      }
      continue;
    }
    const at::Tensor strides = source.view({frames + taps - 1, step});
    at::addmm_out(target, bias_, strides.narrow(0, 0, frames), weight_.narrow(0, 0, step));
    for (int64_t tap = 1; tap < taps; ++tap) {
      target.addmm_(strides.narrow(0, tap, frames), weight_.narrow(0, tap * step, step));
    }
  }
  return y;
}

void CausalConv::ReplicateFirst(const at::Tensor& x, StreamState& state) const {
  state[context_].copy_(x.narrow(1, 0, 1));
}

}  // namespace diarflow
