#include "models/campplus/head.h"

#include <algorithm>
#include <utility>

#include "ATen/Context.h"
#include "ATen/ops/convolution.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/mkldnn_convolution.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

constexpr int64_t kPieceFrames = 500;

void Observe(const LayerObserver* observer, const std::string& name, const at::Tensor& x) {
  if (observer != nullptr) (*observer)(name, x.transpose(2, 3));
}

}  // namespace

HeadConv::HeadConv(const CampplusWeights& weights, const std::string& conv, const std::string& norm,
                   int64_t frequency_stride, BatchNormForm form)
    : conv_name_(conv), norm_name_(norm), stride_(frequency_stride) {
  const at::Tensor released = TakeWeight(weights, conv + ".weight");
  const BatchNorm batch_norm = BatchNorm::Take(weights, norm);
  FoldedConv folded{released, at::zeros({released.size(0)})};
  if (form == BatchNormForm::kFolded) {
    folded = Fold(released, batch_norm);
  } else {
    const auto per_channel = [](const at::Tensor& x) { return x.view({1, x.size(0), 1, 1}); };
    apart_ = {per_channel(batch_norm.scale), per_channel(batch_norm.shift)};
  }
  weight_ = folded.weight.transpose(2, 3).contiguous(at::MemoryFormat::ChannelsLast);
  bias_ = folded.bias;
}

void HeadConv::MoveTo(const at::Device& device) {
  MoveTensors(device, {&weight_, &bias_, &apart_.scale, &apart_.shift});
}

at::Tensor HeadConv::Forward(const at::Tensor& x, const LayerObserver* observer) const {
  const int64_t pad_time = weight_.size(2) / 2, pad_frequency = weight_.size(3) / 2;
  // On one thread of a CPU at::convolution() would unfold the input, which takes several times as long.
  at::Tensor y =
      x.is_cpu() && at::hasMKLDNN()
          ? at::mkldnn_convolution(x, weight_, bias_, {pad_time, pad_frequency}, {1, stride_}, {1, 1}, /*groups=*/1)
          : at::convolution(x, weight_, bias_, {1, stride_}, {pad_time, pad_frequency}, {1, 1}, /*transposed=*/false,
                            /*output_padding=*/{0, 0}, /*groups=*/1);
  if (apart_.scale.defined()) {
    Observe(observer, conv_name_, y);
    y.mul_(apart_.scale).add_(apart_.shift);
  }
  Observe(observer, norm_name_, y);
  return y;
}

CampplusHead::CampplusHead(const CampplusWeights& weights, BatchNormForm form)
    : conv1_(weights, "head.conv1", "head.bn1", 1, form), conv2_(weights, "head.conv2", "head.bn2", 2, form) {
  for (const char* stage : {"head.layer1", "head.layer2"}) {
    stages_.push_back({stage, {}});
    for (const int unit : {0, 1}) {
      const std::string name = absl::StrCat(stage, ".", unit, ".");
      const int64_t stride = unit == 0 ? 2 : 1;
      Unit made{HeadConv(weights, name + "conv1", name + "bn1", stride, form),
                HeadConv(weights, name + "conv2", name + "bn2", 1, form),
                {}};
      if (unit == 0) made.shortcut.emplace_back(weights, name + "shortcut.0", name + "shortcut.1", stride, form);
      stages_.back().units.push_back(std::move(made));
    }
  }
}

void CampplusHead::MoveTo(const at::Device& device) {
  conv1_.MoveTo(device);
  conv2_.MoveTo(device);
  for (Stage& stage : stages_) {
    for (Unit& unit : stage.units) {
      unit.conv1.MoveTo(device);
      unit.conv2.MoveTo(device);
      for (HeadConv& shortcut : unit.shortcut) shortcut.MoveTo(device);
    }
  }
}

at::Tensor CampplusHead::ForwardPiece(const at::Tensor& features, const LayerObserver* observer) const {
  at::Tensor x = conv1_.Forward(features.view({1, 1, features.size(0), features.size(1)}), observer).relu_();
  for (const Stage& stage : stages_) {
    for (const Unit& unit : stage.units) {
      at::Tensor y = unit.conv2.Forward(unit.conv1.Forward(x, observer).relu_(), observer);
      x = y.add_(unit.shortcut.empty() ? x : unit.shortcut[0].Forward(x, observer)).relu_();
    }
    Observe(observer, stage.name, x);
  }
  return conv2_.Forward(x, observer).relu_();
}

at::Tensor CampplusHead::Forward(const at::Tensor& features, const LayerObserver* observer) const {
  const int64_t frames = features.size(0);
  const int64_t piece = observer == nullptr ? kPieceFrames : frames;
  at::Tensor output = at::empty({frames, kCampplusHeadOutput}, features.options());
  for (int64_t begin = 0; begin < frames; begin += piece) {
    const int64_t end = std::min(begin + piece, frames);
    const int64_t first = std::max<int64_t>(begin - kContextFrames, 0);
    const int64_t last = std::min(end + kContextFrames, frames);
    const at::Tensor x = ForwardPiece(features.narrow(0, first, last - first), observer);
    // [1, C, T, F] to [T, F C].
    const at::Tensor rows = x.permute({0, 2, 3, 1}).reshape({last - first, kCampplusHeadOutput});
    output.narrow(0, begin, end - begin).copy_(rows.narrow(0, begin - first, end - begin));
    if (observer != nullptr) {
      const at::Tensor released = x.permute({0, 1, 3, 2}).reshape({1, kCampplusHeadOutput, frames});
      (*observer)("head", released);
    }
  }
  return output;
}

}  // namespace diarflow
