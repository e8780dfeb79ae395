#include "models/layers/batch_norm.h"

#include <algorithm>
#include <vector>

#include "ATen/ops/addcmul.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/zeros.h"

namespace diarflow {

at::Tensor TakeWeight(const NamedWeights& weights, const std::string& name) {
  const FloatArray& values = weights.at(name);
  at::Tensor tensor = at::empty(values.shape());
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<float>());
  return tensor;
}

BatchNorm BatchNorm::Take(const NamedWeights& weights, const std::string& name, double epsilon) {
  const at::Tensor mean = TakeWeight(weights, name + ".running_mean").to(at::kDouble);
  const at::Tensor variance = TakeWeight(weights, name + ".running_var").to(at::kDouble);
  const bool affine = weights.count(name + ".weight") > 0;
  const at::Tensor weight =
      affine ? TakeWeight(weights, name + ".weight").to(at::kDouble) : at::ones(mean.sizes(), at::kDouble);
  const at::Tensor bias =
      affine ? TakeWeight(weights, name + ".bias").to(at::kDouble) : at::zeros(mean.sizes(), at::kDouble);
  const at::Tensor scale = weight.div(variance.add(epsilon).sqrt());
  return {scale.to(at::kFloat), bias.sub(mean.mul(scale)).to(at::kFloat)};
}

at::Tensor BatchNorm::ThenRelu(const at::Tensor& x) const { return at::addcmul(shift, x, scale).relu_(); }

FoldedConv Fold(const at::Tensor& weight, const BatchNorm& norm) {
  std::vector<int64_t> per_output(static_cast<size_t>(weight.dim()), 1);
  per_output[0] = weight.size(0);
  return {weight.mul(norm.scale.view(per_output)), norm.shift.clone()};
}

}  // namespace diarflow
