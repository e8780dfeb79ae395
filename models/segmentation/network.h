// The segmentation network: band-pass filters on the waveform, two convolutions, recurrent layers over both directions,
// linear layers.
#ifndef DIARFLOW_MODELS_SEGMENTATION_NETWORK_H_
#define DIARFLOW_MODELS_SEGMENTATION_NETWORK_H_

#include <functional>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/segmentation/segmentation_weights.h"

namespace diarflow {

// Sees "wav_norm" [B, 1, N], "sinc_abs" [B, 80, .], "sinc1" to "sinc3" [B, C, .], "lstm0" to "lstm3" [B, T, 256],
// "linear0", "linear1" [B, T, 128], "logits", "logp" [B, T, 7].
using SegmentationObserver = std::function<void(const std::string& name, const at::Tensor& values)>;

// The filters of the first layer, [80, 1, 251], from the edges of their bands: differences of two sincs under a Hamming
// window, even ones first; and the edges in Hz, [40] each.
struct SincFilters {
  at::Tensor low, high;
  at::Tensor taps;
};
SincFilters MakeSincFilters(const SegmentationWeights& weights);

class SegmentationNetwork {
 public:
  // REQUIRES: the weights of TakeSegmentationWeights() or RandomSegmentationWeights().
  explicit SegmentationNetwork(const SegmentationWeights& weights, const at::Device& device = at::kCPU);

  // Waveforms [B, 1, N], on any device, to log-probabilities [B, T, 7] on the network's device.
  at::Tensor Forward(const at::Tensor& waveforms, const SegmentationObserver* observer) const;

 private:
  struct Affine {
    at::Tensor weight, bias;
  };

  at::Device device_;
  Affine wav_norm_;
  at::Tensor filters_;
  std::vector<Affine> convs_, norms_;
  // For each recurrent layer: input, state, their biases; both directions.
  std::vector<std::vector<at::Tensor>> recurrent_;
  std::vector<Affine> linears_;
  Affine classifier_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_SEGMENTATION_NETWORK_H_
