#include "models/kernels/linear_map.h"

#include <vector>

#include "ATen/Parallel.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/mm.h"
#include "c10/util/Exception.h"
#include "models/kernels/torch_parallel.h"

namespace diarflow {
namespace {

// Rows that a thread takes at least where the columns are too few to share: a panel of weights is read once for them.
constexpr int64_t kRowsOfThread = 96;

}  // namespace

void LinearMap::MoveTo(const at::Device& device) {
  if (!device.is_cpu()) {
    weights_ = weights_.to(device);
    return;
  }
  const at::Tensor rows = weights_.contiguous();
  const float* values = rows.const_data_ptr<float>();
  packed_ = std::make_shared<PackedMatrix<float>>(std::vector<float>(values, values + rows.numel()), in_, out_);
  weights_.reset();
}

void LinearMap::Multiply(const at::Tensor& x, bool add, const at::Tensor& y) const {
  if (packed_ == nullptr) {
    at::Tensor result = y;
    if (add)
      result.addmm_(x, weights_);
    else
      at::mm_out(result, x, weights_);
    return;
  }
  const int64_t rows = x.size(0);
  TORCH_CHECK(x.size(1) == in_ && y.size(1) == out_ && y.size(0) == rows && (in_ == 1 || x.stride(1) == 1) &&
                  (out_ == 1 || y.stride(1) == 1) && (rows == 1 || x.stride(0) > 0),
              "LinearMap: x ", x.sizes(), ", y ", y.sizes(), " for weights [", in_, ", ", out_, "]");
  const Rows<const float> from = {x.const_data_ptr<float>(), x.stride(0), 0};
  const Rows<float> to = {y.mutable_data_ptr<float>(), y.stride(0), 0};
  const int64_t panels = packed_->panels();
  if (panels >= 2 * at::get_num_threads()) {
    TorchParallelFor(panels, 1, [&](int64_t begin, int64_t end) {
      packed_->MultiplyPanels(begin, end, from, to, /*items=*/1, rows, add);
    });
    return;
  }
  TorchParallelFor(rows, kRowsOfThread, [&](int64_t begin, int64_t end) {
    packed_->MultiplyPanels(0, panels, {from.data + begin * from.row_stride, from.row_stride, 0},
                            {to.data + begin * to.row_stride, to.row_stride, 0}, /*items=*/1, end - begin, add);
  });
}

at::Tensor LinearMap::Forward(const at::Tensor& x, const at::Tensor& bias) const {
  at::Tensor y = at::empty({x.size(0), out_}, x.options());
  if (bias.defined()) y.copy_(bias.expand_as(y));
  Multiply(in_ == 1 || x.stride(1) == 1 ? x : x.contiguous(), bias.defined(), y);
  return y;
}

}  // namespace diarflow
