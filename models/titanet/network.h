// TitaNet-large from normalised features to embeddings: encoder of separable convolutions with squeeze-and-excite,
// attentive statistics over time, one linear layer.
#ifndef DIARFLOW_MODELS_TITANET_NETWORK_H_
#define DIARFLOW_MODELS_TITANET_NETWORK_H_

#include <functional>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/kernels/linear_map.h"
#include "models/layers/batch_norm.h"
#include "models/titanet/titanet_weights.h"

namespace diarflow {

// Sees what the network gives, as released with channels before time: "block.0" to "block.4" [B, C, T], "gate.0" to
// "gate.4" [B, C], "pool" [B, 6144], "attention" [B, 3072, T].
using TitanetObserver = std::function<void(const std::string& name, const at::Tensor& values)>;

// Which frames of a batch are audio.
struct TitanetMask {
  // [B, T, 1], 1 or 0; undefined when all are.
  at::Tensor frames;
  at::Tensor counts;  // [B, 1]

  TitanetMask(const std::vector<int64_t>& lengths, int64_t frames_in_batch, const at::Device& device);
  // x [B, T, C] with the frames that are no audio set to 0.
  at::Tensor Keep(const at::Tensor& x) const;
  // The mean over the frames that are audio, [B, C]. REQUIRES: the others are 0.
  at::Tensor Mean(const at::Tensor& x) const;
};

class TitanetBlockLayers {
 public:
  TitanetBlockLayers(const TitanetWeights& weights, int number, BatchNormForm form);
  void MoveTo(const at::Device& device);
  // [B, T, in] to [B, T, out].
  at::Tensor Forward(const at::Tensor& x, const TitanetMask& mask, const TitanetObserver* observer) const;

 private:
  // A convolution over single frames with the norm behind it.
  struct Pointwise {
    LinearMap map;
    at::Tensor bias;  // [out], undefined when the norm is apart
    BatchNorm apart;  // undefined when folded
    at::Tensor Forward(const at::Tensor& x, bool then_relu) const;
    void MoveTo(const at::Device& device);
  };
  static Pointwise TakePointwise(const TitanetWeights& weights, const std::string& conv, const std::string& norm,
                                 BatchNormForm form);

  int number_;
  std::vector<at::Tensor> depthwise_;  // [kernel, C]
  std::vector<Pointwise> pointwise_;
  at::Tensor squeeze_, excite_;
  // Only in blocks with a residual.
  std::vector<Pointwise> residual_;
};

class TitanetNetwork {
 public:
  // REQUIRES: the weights of TakeTitanetWeights() or RandomTitanetWeights().
  TitanetNetwork(const TitanetWeights& weights, BatchNormForm form, const at::Device& device = at::kCPU);

  const at::Device& device() const { return device_; }

  // Features [B, T, 80], on any device, and how many frames of each are audio, 1 to T, to embeddings [B, 192] on the
  // network's device. What stands behind the audio changes nothing.
  at::Tensor Forward(const at::Tensor& features, const std::vector<int64_t>& lengths,
                     const TitanetObserver* observer) const;

  // Its halves: to what the statistics are taken over [B, T, 3072], and from any frames of that to embeddings. The mask
  // is on the network's device.
  at::Tensor Encode(const at::Tensor& features, const TitanetMask& mask, const TitanetObserver* observer) const;
  at::Tensor Embed(const at::Tensor& encoded, const TitanetMask& mask, const TitanetObserver* observer) const;

 private:
  // [B, T, 3072] to [B, 6144].
  at::Tensor Pool(const at::Tensor& x, const TitanetMask& mask, const TitanetObserver* observer) const;

  at::Device device_;
  std::vector<TitanetBlockLayers> blocks_;
  LinearMap attend_frames_;                    // 3072 to 128
  at::Tensor attend_mean_, attend_deviation_;  // [128, 3072] each
  at::Tensor attend_bias_;                     // [128]
  BatchNorm attend_norm_;
  LinearMap choose_;               // 128 to 3072
  at::Tensor choose_bias_;         // [3072]
  at::Tensor embed_, embed_bias_;  // [6144, 192], [192]; with the norm in front folded in
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TITANET_NETWORK_H_
