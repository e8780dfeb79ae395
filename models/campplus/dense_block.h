// The blocks of CAM++: time-delay layers, each of which sees what all before it in its block gave, with context-aware
// masks.
#ifndef DIARFLOW_MODELS_CAMPPLUS_DENSE_BLOCK_H_
#define DIARFLOW_MODELS_CAMPPLUS_DENSE_BLOCK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/campplus/campplus_weights.h"
#include "models/campplus/layers.h"
#include "models/kernels/linear_map.h"

namespace diarflow {

// Utterances of equal length as rows of one matrix [rows(), C]: two empty rows, then of each utterance its frames and
// two more empty ones. A convolution over time is then a few matrix products over the same rows, each shifted, for all
// utterances at once; what it reads beyond the end of an utterance is the empty rows.
struct RowGrid {
  static constexpr int64_t kGap = 2;

  int64_t batch = 0;
  int64_t frames = 0;

  int64_t rows() const { return kGap + batch * (frames + kGap); }
  // Of [rows(), C], the frames: [batch, frames, C]. Shares the numbers.
  at::Tensor Frames(const at::Tensor& matrix) const;
  // Sets the empty rows to zero.
  void ClearGaps(const at::Tensor& matrix) const;
};

class DenseLayer {
 public:
  DenseLayer(const CampplusWeights& weights, const std::string& name, int64_t in, int64_t dilation, BatchNormForm form);
  void MoveTo(const at::Device& device);

  // Reads the first `in` columns of the block [rows, C] and writes the next kCampplusGrowth.
  void Forward(const RowGrid& grid, at::Tensor& block) const;

 private:
  at::Tensor Mask(const at::Tensor& hidden) const;

  int64_t in_;
  int64_t dilation_;
  BatchNorm norm_;
  NormedLinear bottleneck_;
  std::vector<LinearMap> local_;        // for each of 3 taps, 128 to 32
  LinearMap mask1_, mask2_;             // 128 to 64, 64 to 32
  at::Tensor mask1_bias_, mask2_bias_;  // [64], [32]
};

class DenseBlock {
 public:
  // `number` counts from 1, as the names do.
  DenseBlock(const CampplusWeights& weights, int number, BatchNormForm form);
  void MoveTo(const at::Device& device);

  int64_t in() const { return in_; }
  int64_t out() const { return out_; }

  // A matrix for a block's columns; the caller fills the first in() of them.
  at::Tensor NewMatrix(const RowGrid& grid) const;

  // Fills the other columns, and gives what the transition makes of them all: [rows, transit_out].
  at::Tensor Forward(const RowGrid& grid, at::Tensor& block, const LayerObserver* observer) const;

 private:
  std::string name_;
  int64_t in_, out_;
  std::vector<DenseLayer> layers_;
  std::string transit_name_;
  BatchNorm transit_norm_;
  LinearMap transit_;
};

// Frames of a matrix to an observer, as [B, C, T].
void ObserveRows(const LayerObserver* observer, const std::string& name, const RowGrid& grid, const at::Tensor& matrix);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_DENSE_BLOCK_H_
