#include "models/campplus/layers.h"

#include "ATen/ops/zeros.h"
#include "models/device/torch_device.h"

namespace diarflow {

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
  map_ = LinearMap(conv.weight.squeeze(2).t());
  bias_ = conv.bias;
}

void NormedLinear::MoveTo(const at::Device& device) {
  map_.MoveTo(device);
  MoveTensors(device, {&bias_, &apart_.scale, &apart_.shift});
}

at::Tensor NormedLinear::Forward(const at::Tensor& x) const {
  at::Tensor y = map_.Forward(x, bias_);
  if (apart_.scale.defined()) y.mul_(apart_.scale).add_(apart_.shift);
  return y;
}

}  // namespace diarflow
