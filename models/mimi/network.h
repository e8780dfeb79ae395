// The whole Mimi encoder as a streaming network on tensors, plainly: what the fast one (models/mimi/fast) is held
// against, and what shows its parts to an observer.
#ifndef DIARFLOW_MODELS_MIMI_NETWORK_H_
#define DIARFLOW_MODELS_MIMI_NETWORK_H_

#include <cstddef>
#include <cstdint>

#include "ATen/core/Tensor.h"
#include "models/mimi/causal_conv.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_tap.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/quantizer.h"
#include "models/mimi/seanet.h"
#include "models/mimi/stream_state.h"
#include "models/mimi/transformer.h"

namespace diarflow {

class MimiNetwork {
 public:
  // REQUIRES: a filled configuration, and the weights of it. Call inside an InferenceMode guard, as all that follows.
  MimiNetwork(const MimiConfig& config, const MimiWeights& weights, const at::Device& device = at::kCPU);

  StreamState NewState(int64_t batch, MimiTap tap) const;

  // samples [B, N], N a multiple of 1920, on any device, continue the streams of the state, to [B, T, D] at the tap, on
  // the network's device. All streams of the state stand at the same position.
  at::Tensor Forward(const at::Tensor& samples, MimiTap tap, StreamState& state, const MimiObserver& observer) const;

  const Quantizer& quantizer() const { return quantizer_; }

 private:
  // The order of the parts is the order of their slots: a tap needs the slots of the parts before it.
  at::Device device_;
  StateLayout layout_;
  Seanet seanet_;
  size_t seanet_slots_;
  Transformer transformer_;
  size_t transformer_slots_;
  CausalConv downsample_;
  Quantizer quantizer_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_NETWORK_H_
