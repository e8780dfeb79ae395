// The Mimi encoder as a function of tensors, for training: parameters that require gradients get them. The numbers are
// those of MimiEncoder (models/mimi), which streams, writes in place and so has no gradients.
#ifndef DIARFLOW_MODELS_CODEC_ENCODER_H_
#define DIARFLOW_MODELS_CODEC_ENCODER_H_

#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_tap.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {

// By released name, of one floating type.
using CodecTensors = std::map<std::string, at::Tensor>;

// Copies, float32.
CodecTensors CodecTensorsOf(const MimiWeights& weights);

// samples [B, N] at 24 kHz to the latent [B, N / 1920, D] at 12.5 Hz, before the quantiser. What the
// convolutions keep for the gradients is large: it is meant for pieces of some seconds.
// REQUIRES: N a positive multiple of 1920; a filled configuration, and the encoder's tensors of it.
at::Tensor EncodeForTraining(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& samples);

// Its parts behind the SEANet, for frames that were stored. Memory grows with T, not with its square.

// Frames [B, T, D] at 25 Hz through the layers `from` to below `to` of the transformer. A frame sees those before it
// alone: what stands behind an item's end changes nothing of the item.
// REQUIRES: 0 <= from <= to <= num_layers; T > 0; a filled configuration, and the tensors of these layers.
at::Tensor TransformForTraining(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& frames,
                                int from, int to);

// Frames [B, 2 T, D] at 25 Hz to [B, T, D] at 12.5 Hz. REQUIRES: T > 0; for kLearned the downsample's tensor.
at::Tensor HalveForTraining(const CodecTensors& tensors, const at::Tensor& frames, HalvedBy way);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_ENCODER_H_
