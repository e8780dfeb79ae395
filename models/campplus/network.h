// The whole network of CAM++, from features to embeddings.
#ifndef DIARFLOW_MODELS_CAMPPLUS_NETWORK_H_
#define DIARFLOW_MODELS_CAMPPLUS_NETWORK_H_

#include <vector>

#include "ATen/core/Tensor.h"
#include "models/campplus/campplus_weights.h"
#include "models/campplus/dense_block.h"
#include "models/campplus/head.h"
#include "models/campplus/layers.h"
#include "models/kernels/linear_map.h"

namespace diarflow {

class CampplusNetwork {
 public:
  // REQUIRES: the weights of TakeCampplusWeights() or RandomCampplusWeights().
  CampplusNetwork(const CampplusWeights& weights, BatchNormForm form, const at::Device& device = at::kCPU);

  // Features [T, 80] of utterances of one length, T >= 3, each minus its mean, on any device, to embeddings [B, 192] on
  // the network's device.
  at::Tensor Forward(const std::vector<at::Tensor>& features, const LayerObserver* observer) const;

  // The two halves of Forward(): features to the columns that statistics are taken over, [B, T', 512], and statistics
  // (mean, standard deviation) [B, 1024] to embeddings [B, 192].
  at::Tensor Columns(const std::vector<at::Tensor>& features, const LayerObserver* observer) const;
  at::Tensor Dense(const at::Tensor& statistics, const LayerObserver* observer) const;

 private:
  // Head and first time-delay layer of every utterance: the first columns of block 1.
  at::Tensor FirstRows(const RowGrid& grid, const std::vector<at::Tensor>& features,
                       const LayerObserver* observer) const;

  at::Device device_;
  CampplusHead head_;
  LinearMap tdnn_;        // 5 * 320 to 128, taps in order
  at::Tensor tdnn_bias_;  // [128]
  BatchNorm tdnn_apart_;  // undefined when folded
  std::vector<DenseBlock> blocks_;
  BatchNorm out_norm_;
  NormedLinear dense_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_NETWORK_H_
