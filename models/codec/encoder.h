// The Mimi encoder as a function of tensors, for training: parameters that require gradients get them. The numbers are
// those of MimiEncoder (models/mimi), which streams, writes in place and so has no gradients.
#ifndef DIARFLOW_MODELS_CODEC_ENCODER_H_
#define DIARFLOW_MODELS_CODEC_ENCODER_H_

#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {

// By released name, of one floating type.
using CodecTensors = std::map<std::string, at::Tensor>;

// Copies, float32.
CodecTensors CodecTensorsOf(const MimiWeights& weights);

// samples [B, N] at 24 kHz to the latent [B, N / 1920, D] at 12.5 Hz, before the quantiser. Attention takes memory in
// proportion to N^2: it is meant for pieces of some seconds.
// REQUIRES: N a positive multiple of 1920; a filled configuration, and the encoder's tensors of it.
at::Tensor EncodeForTraining(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& samples);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_ENCODER_H_
