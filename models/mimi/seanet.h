// The SEANet encoder of Mimi (Tagliasacchi et al., 2020; Défossez et al., 2024): samples to frames at 25 Hz.
#ifndef DIARFLOW_MODELS_MIMI_SEANET_H_
#define DIARFLOW_MODELS_MIMI_SEANET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/mimi/causal_conv.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

// Called with the released name of a part and its next frames [B, T, C], piece by piece. May be empty.
using MimiObserver = std::function<void(const std::string& part, const at::Tensor& frames)>;

class Seanet {
 public:
  // REQUIRES: a filled configuration, and the weights of it.
  Seanet(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout, const at::Device& device);

  // samples [B, N, 1], N a multiple of 960, to [B, N / 960, D].
  at::Tensor Forward(const at::Tensor& samples, StreamState& state, const MimiObserver& observer) const;

 private:
  // A residual unit, x + conv1(ELU(conv3(ELU(x)))), then an ELU and the convolution that shortens.
  struct Stage {
    std::string unit_name;
    CausalConv unit_first;
    CausalConv unit_second;
    std::string down_name;
    CausalConv down;
  };

  at::Tensor RunStage(const Stage& stage, at::Tensor x, StreamState& state, const MimiObserver& observer) const;

  // The first convolution and the first stages.
  at::Tensor RunFront(const at::Tensor& samples, StreamState& state, const MimiObserver& observer) const;

  int64_t front_samples_;  // in one piece, over all streams
  CausalConv first_;
  std::vector<Stage> stages_;
  std::string last_name_;
  CausalConv last_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_SEANET_H_
