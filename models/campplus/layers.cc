#include "models/campplus/layers.h"

#include <algorithm>
#include <vector>

#include "ATen/ops/addcmul.h"
#include "ATen/ops/addmm.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/zeros.h"

namespace diarflow {
namespace {

constexpr double kEpsilon = 1e-5;

}  // namespace

at::Tensor TakeWeight(const CampplusWeights& weights, const std::string& name) {
  const FloatArray& values = weights.at(name);
  at::Tensor tensor = at::empty(values.shape());
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<float>());
  return tensor;
}

BatchNorm BatchNorm::Take(const CampplusWeights& weights, const std::string& name) {
  const at::Tensor mean = TakeWeight(weights, name + ".running_mean").to(at::kDouble);
  const at::Tensor variance = TakeWeight(weights, name + ".running_var").to(at::kDouble);
  const bool affine = weights.count(name + ".weight") > 0;
  const at::Tensor weight =
      affine ? TakeWeight(weights, name + ".weight").to(at::kDouble) : at::ones(mean.sizes(), at::kDouble);
  const at::Tensor bias =
      affine ? TakeWeight(weights, name + ".bias").to(at::kDouble) : at::zeros(mean.sizes(), at::kDouble);
  const at::Tensor scale = weight.div(variance.add(kEpsilon).sqrt());
  return {scale.to(at::kFloat), bias.sub(mean.mul(scale)).to(at::kFloat)};
}

at::Tensor BatchNorm::ThenRelu(const at::Tensor& x) const { return at::addcmul(shift, x, scale).relu_(); }

FoldedConv Fold(const at::Tensor& weight, const BatchNorm& norm) {
  std::vector<int64_t> per_output(static_cast<size_t>(weight.dim()), 1);
  per_output[0] = weight.size(0);
  return {weight.mul(norm.scale.view(per_output)), norm.shift.clone()};
}

NormedLinear::NormedLinear(const CampplusWeights& weights, const std::string& linear, const std::string& norm,
                           BatchNormForm form) {
  const at::Tensor weight = TakeWeight(weights, linear + ".weight");
  FoldedConv conv{weight, at::zeros({weight.size(0)})};
  const BatchNorm batch_norm = BatchNorm::Take(weights, norm);
  if (form == BatchNormForm::kFolded) {
    conv = Fold(weight, batch_norm);
  } else {
    apart_ = batch_norm;
  }
  matrix_ = conv.weight.squeeze(2).t().contiguous();
  bias_ = conv.bias;
}

at::Tensor NormedLinear::Forward(const at::Tensor& x) const {
  at::Tensor y = at::addmm(bias_, x, matrix_);
  if (apart_.scale.defined()) y.mul_(apart_.scale).add_(apart_.shift);
  return y;
}

}  // namespace diarflow
