#include "models/campplus/network.h"

#include <cstdint>
#include <iterator>

#include "ATen/ops/cat.h"
#include "ATen/ops/std.h"
#include "ATen/ops/zeros.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

constexpr int64_t kTaps = 5, kStride = 2, kPadding = 2;

}  // namespace

CampplusNetwork::CampplusNetwork(const CampplusWeights& weights, BatchNormForm form, const at::Device& device)
    : device_(device),
      head_(weights, form),
      out_norm_(BatchNorm::Take(weights, "xvector.out_nonlinear.batchnorm")),
      dense_(weights, "xvector.dense.linear", "xvector.dense.nonlinear.batchnorm", form) {
  const at::Tensor released = TakeWeight(weights, "xvector.tdnn.linear.weight");
  const BatchNorm norm = BatchNorm::Take(weights, "xvector.tdnn.nonlinear.batchnorm");
  FoldedConv tdnn{released, at::zeros({released.size(0)})};
  if (form == BatchNormForm::kFolded) {
    tdnn = Fold(released, norm);
  } else {
    tdnn_apart_ = norm;
  }
  // The released input is ordered channel, frequency; ours frequency, channel.
  const int64_t out = released.size(0), frequencies = kCampplusHeadOutput / kCampplusHeadChannels;
  tdnn_ = LinearMap(tdnn.weight.view({out, kCampplusHeadChannels, frequencies, kTaps})
                        .permute({3, 2, 1, 0})
                        .reshape({kTaps * kCampplusHeadOutput, out}));
  tdnn_bias_ = tdnn.bias;
  for (int number = 1; number <= static_cast<int>(std::size(kCampplusBlocks)); ++number) {
    blocks_.emplace_back(weights, number, form);
  }
  head_.MoveTo(device_);
  for (DenseBlock& block : blocks_) block.MoveTo(device_);
  dense_.MoveTo(device_);
  tdnn_.MoveTo(device_);
  MoveTensors(device_, {&tdnn_bias_, &tdnn_apart_.scale, &tdnn_apart_.shift, &out_norm_.scale, &out_norm_.shift});
}

at::Tensor CampplusNetwork::FirstRows(const RowGrid& grid, const std::vector<at::Tensor>& features,
                                      const LayerObserver* observer) const {
  // Frames two by two, as the stride takes them; each utterance with two zeros before it and zeros behind it, as many
  // pairs as it has rows in the grid. Output row r sees the pairs r, r + 1 and the first half of r + 2, which stand one
  // behind the other.
  const int64_t pairs = grid.batch * (grid.frames + RowGrid::kGap);
  const int64_t pair_width = kStride * kCampplusHeadOutput;
  at::Tensor padded = at::zeros({pairs, pair_width}, tdnn_bias_.options());
  for (int64_t item = 0; item < grid.batch; ++item) {
    const at::Tensor head = head_.Forward(features[static_cast<size_t>(item)].to(device_), observer);
    padded.view({pairs * kStride, kCampplusHeadOutput})
        .narrow(0, item * (grid.frames + RowGrid::kGap) * kStride + kPadding, head.size(0))
        .copy_(head);
  }
  at::Tensor block = blocks_.front().NewMatrix(grid);
  const int64_t rows = pairs - RowGrid::kGap;
  at::Tensor output =
      tdnn_.Forward(padded.as_strided({rows, kTaps * kCampplusHeadOutput}, {pair_width, 1}), tdnn_bias_);
  if (tdnn_apart_.scale.defined()) output.mul_(tdnn_apart_.scale).add_(tdnn_apart_.shift);
  block.narrow(0, RowGrid::kGap, rows).narrow(1, 0, output.size(1)).copy_(output.relu_());
  ObserveRows(observer, "xvector.tdnn", grid, block.narrow(1, 0, output.size(1)));
  return block;
}

at::Tensor CampplusNetwork::Columns(const std::vector<at::Tensor>& features, const LayerObserver* observer) const {
  const RowGrid grid{static_cast<int64_t>(features.size()), (features.front().size(0) - 1) / kStride + 1};
  at::Tensor block = FirstRows(grid, features, observer);
  at::Tensor rows;
  for (const DenseBlock& layers : blocks_) {
    if (rows.defined()) {
      block = layers.NewMatrix(grid);
      block.narrow(1, 0, layers.in()).copy_(rows);
    }
    rows = layers.Forward(grid, block, observer);
  }
  rows = out_norm_.ThenRelu(rows);
  ObserveRows(observer, "xvector.out_nonlinear", grid, rows);
  return grid.Frames(rows);
}

at::Tensor CampplusNetwork::Forward(const std::vector<at::Tensor>& features, const LayerObserver* observer) const {
  const at::Tensor columns = Columns(features, observer);
  return Dense(at::cat({columns.mean(1), at::std(columns, /*dim=*/1, /*unbiased=*/true)}, 1), observer);
}

at::Tensor CampplusNetwork::Dense(const at::Tensor& statistics, const LayerObserver* observer) const {
  if (observer != nullptr) (*observer)("xvector.stats", statistics);
  const at::Tensor embedding = dense_.Forward(statistics.to(device_));
  if (observer != nullptr) (*observer)("xvector.dense", embedding);
  return embedding;
}

}  // namespace diarflow
