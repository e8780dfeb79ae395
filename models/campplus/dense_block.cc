#include "models/campplus/dense_block.h"

#include <algorithm>

#include "ATen/ops/empty.h"
#include "ATen/ops/mean.h"
#include "ATen/ops/mul.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

// Frames of the windows whose means the mask sees; the last window may be shorter.
constexpr int64_t kSegmentFrames = 100;

LinearMap Map(const CampplusWeights& weights, const std::string& name) {
  return LinearMap(TakeWeight(weights, name + ".weight").squeeze(2).t());
}

}  // namespace

at::Tensor RowGrid::Frames(const at::Tensor& matrix) const {
  return matrix.narrow(0, kGap, batch * (frames + kGap))
      .view({batch, frames + kGap, matrix.size(1)})
      .narrow(1, 0, frames);
}

void RowGrid::ClearGaps(const at::Tensor& matrix) const {
  matrix.narrow(0, 0, kGap).zero_();
  matrix.narrow(0, kGap, batch * (frames + kGap))
      .view({batch, frames + kGap, matrix.size(1)})
      .narrow(1, frames, kGap)
      .zero_();
}

void ObserveRows(const LayerObserver* observer, const std::string& name, const RowGrid& grid,
                 const at::Tensor& matrix) {
  if (observer != nullptr) (*observer)(name, grid.Frames(matrix).transpose(1, 2));
}

DenseLayer::DenseLayer(const CampplusWeights& weights, const std::string& name, int64_t in, int64_t dilation,
                       BatchNormForm form)
    : in_(in),
      dilation_(dilation),
      norm_(BatchNorm::Take(weights, name + ".nonlinear1.batchnorm")),
      bottleneck_(weights, name + ".linear1", name + ".nonlinear2.batchnorm", form) {
  const std::string cam = name + ".cam_layer.";
  const at::Tensor local = TakeWeight(weights, cam + "linear_local.weight");
  for (int64_t tap = 0; tap < local.size(2); ++tap) local_.emplace_back(local.select(2, tap).t());
  mask1_ = Map(weights, cam + "linear1");
  mask1_bias_ = TakeWeight(weights, cam + "linear1.bias");
  mask2_ = Map(weights, cam + "linear2");
  mask2_bias_ = TakeWeight(weights, cam + "linear2.bias");
}

void DenseLayer::MoveTo(const at::Device& device) {
  bottleneck_.MoveTo(device);
  for (LinearMap& tap : local_) tap.MoveTo(device);
  mask1_.MoveTo(device);
  mask2_.MoveTo(device);
  MoveTensors(device, {&norm_.scale, &norm_.shift, &mask1_bias_, &mask2_bias_});
}

// Of the frames [B, T, 128], a mask for each segment: [segments, B, 32].
at::Tensor DenseLayer::Mask(const at::Tensor& hidden) const {
  const int64_t batch = hidden.size(0), frames = hidden.size(1);
  const int64_t segments = (frames + kSegmentFrames - 1) / kSegmentFrames;
  at::Tensor context = at::empty({segments, batch, hidden.size(2)}, hidden.options());
  for (int64_t s = 0; s < segments; ++s) {
    const int64_t begin = s * kSegmentFrames;
    at::Tensor mean = context.select(0, s);
    at::mean_out(mean, hidden.narrow(1, begin, std::min(kSegmentFrames, frames - begin)), /*dim=*/1);
  }
  context.add_(hidden.mean(1));
  const at::Tensor inner = mask1_.Forward(context.view({segments * batch, hidden.size(2)}), mask1_bias_).relu_();
  return mask2_.Forward(inner, mask2_bias_).sigmoid_().view({segments, batch, kCampplusGrowth});
}

void DenseLayer::Forward(const RowGrid& grid, at::Tensor& block) const {
  const at::Tensor hidden = bottleneck_.Forward(norm_.ThenRelu(block.narrow(1, 0, in_))).relu_();
  grid.ClearGaps(hidden);

  // Row r of `local` is row r + kGap of the matrix; the last gap is left out.
  const int64_t rows = grid.rows() - 2 * RowGrid::kGap;
  const auto shifted = [&](int64_t frames) { return hidden.narrow(0, RowGrid::kGap + frames, rows); };
  at::Tensor local = at::empty({rows + RowGrid::kGap, kCampplusGrowth}, hidden.options());
  for (int tap = 0; tap < 3; ++tap) {
    local_[static_cast<size_t>(tap)].Multiply(shifted((tap - 1) * dilation_), /*add=*/tap > 0,
                                              local.narrow(0, 0, rows));
  }

  const at::Tensor frames = local.view({grid.batch, grid.frames + RowGrid::kGap, kCampplusGrowth});
  const at::Tensor output = grid.Frames(block.narrow(1, in_, kCampplusGrowth));
  const at::Tensor mask = Mask(grid.Frames(hidden));
  for (int64_t s = 0; s < mask.size(0); ++s) {
    const int64_t begin = s * kSegmentFrames;
    const int64_t count = std::min(kSegmentFrames, grid.frames - begin);
    at::Tensor segment = output.narrow(1, begin, count);
    at::mul_out(segment, frames.narrow(1, begin, count), mask.select(0, s).unsqueeze(1));
  }
}

DenseBlock::DenseBlock(const CampplusWeights& weights, int number, BatchNormForm form)
    : name_(absl::StrCat("xvector.block", number)), transit_name_(absl::StrCat("xvector.transit", number)) {
  const CampplusBlock& block = kCampplusBlocks[number - 1];
  in_ = block.in;
  out_ = block.out();
  for (int layer = 0; layer < block.layers; ++layer) {
    layers_.emplace_back(weights, absl::StrCat(name_, ".tdnnd", layer + 1), block.in + layer * kCampplusGrowth,
                         block.dilation, form);
  }
  transit_norm_ = BatchNorm::Take(weights, transit_name_ + ".nonlinear.batchnorm");
  transit_ = Map(weights, transit_name_ + ".linear");
}

void DenseBlock::MoveTo(const at::Device& device) {
  for (DenseLayer& layer : layers_) layer.MoveTo(device);
  transit_.MoveTo(device);
  MoveTensors(device, {&transit_norm_.scale, &transit_norm_.shift});
}

at::Tensor DenseBlock::NewMatrix(const RowGrid& grid) const {
  return at::zeros({grid.rows(), out_}, transit_norm_.scale.options());
}

at::Tensor DenseBlock::Forward(const RowGrid& grid, at::Tensor& block, const LayerObserver* observer) const {
  int64_t column = in_;
  int number = 0;
  for (const DenseLayer& layer : layers_) {
    layer.Forward(grid, block);
    ObserveRows(observer, absl::StrCat(name_, ".tdnnd", ++number), grid, block.narrow(1, column, kCampplusGrowth));
    column += kCampplusGrowth;
  }
  ObserveRows(observer, name_, grid, block);
  at::Tensor output = transit_.Forward(transit_norm_.ThenRelu(block), /*bias=*/{});
  ObserveRows(observer, transit_name_, grid, output);
  return output;
}

}  // namespace diarflow
