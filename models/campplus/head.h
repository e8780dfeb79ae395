// The head of CAM++: residual 2-D convolutions that keep the time and divide the frequencies by eight.
#ifndef DIARFLOW_MODELS_CAMPPLUS_HEAD_H_
#define DIARFLOW_MODELS_CAMPPLUS_HEAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/campplus/campplus_weights.h"
#include "models/campplus/layers.h"

namespace diarflow {

// A convolution over [1, C, T, F], channels last in memory: time, then frequency, then channels. The released one has
// frequency before time; only its kernel is turned.
class HeadConv {
 public:
  HeadConv(const CampplusWeights& weights, const std::string& conv, const std::string& norm, int64_t frequency_stride,
           BatchNormForm form);
  void MoveTo(const at::Device& device);

  at::Tensor Forward(const at::Tensor& x, const LayerObserver* observer) const;

 private:
  std::string conv_name_, norm_name_;
  at::Tensor weight_;  // [out, in, time, frequency]
  at::Tensor bias_;
  int64_t stride_;
  BatchNorm apart_;  // undefined when folded
};

class CampplusHead {
 public:
  // Each output frame sees so many frames to each side.
  static constexpr int64_t kContextFrames = 10;

  CampplusHead(const CampplusWeights& weights, BatchNormForm form);
  void MoveTo(const at::Device& device);

  // Features [T, 80] of one utterance to [T, 320], in the order frequency, channel. Long ones are taken in pieces with
  // kContextFrames around them, so that the work memory does not grow; an observer sees the utterance in one piece.
  at::Tensor Forward(const at::Tensor& features, const LayerObserver* observer) const;

 private:
  struct Unit {
    HeadConv conv1, conv2;
    std::vector<HeadConv> shortcut;  // one or none
  };
  struct Stage {
    std::string name;
    std::vector<Unit> units;
  };

  at::Tensor ForwardPiece(const at::Tensor& features, const LayerObserver* observer) const;

  HeadConv conv1_, conv2_;
  std::vector<Stage> stages_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_HEAD_H_
