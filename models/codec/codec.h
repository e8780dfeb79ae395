// A Mimi encoder trained as a codec: encoder, quantiser and head as one loss. It makes weights for MimiEncoder where
// the released ones may not be had.
//
//   const CodecConfig config = SmallCodecConfig();
//   CodecParameters parameters = InitialCodecParameters(config, seed);
//   // for each batch:
//   const CodebookTraining codebooks{&random};
//   ASSIGN_OR_RETURN(CodecLosses losses, CodecLoss(config, parameters, samples, num_codebooks, &codebooks));
//   losses.total.backward();  // and a step of an optimiser of parameters.network
//
// The loss: the mean absolute difference of the log mel spectra (log_mel.h) that the head (head.h) says and those of
// the samples, + rms_weight times the root of their mean square difference, + commitment_weight times the mean square
// of what the codebooks leave (quantizer.h). Fewer codebooks than there are, drawn anew for every batch, train the
// first ones to say the most (quantiser dropout: Zeghidour et al., 2021).
#ifndef DIARFLOW_MODELS_CODEC_CODEC_H_
#define DIARFLOW_MODELS_CODEC_CODEC_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "models/codec/encoder.h"
#include "models/codec/quantizer.h"
#include "models/mimi/mimi_config.pb.h"

namespace diarflow {

struct CodecConfig {
  MimiConfig mimi;
  int64_t head_width = 256;
  double rms_weight = 0.25;
  double commitment_weight = 0.25;
};

// SmallMimiConfig() with 256 entries a codebook, and a layer scale of 0.1 at the start: two layers may say more from
// the start than the eight of the released size.
CodecConfig SmallCodecConfig();

// The errors of CheckMimiConfig(), and kInvalidArgument for a head without width or weights that are negative or not
// finite.
absl::Status CheckCodecConfig(const CodecConfig& config);

// Both by released name; the head's, which Mimi has not, by head.*. Copies share the tensors.
struct CodecParameters {
  CodecTensors network;    // require gradients
  CodecTensors codebooks;  // move with the batches (quantizer.h), in place
};

// Seeded, the same on every machine: matrices uniform with variance 1 / fan-in, biases 0, and codebooks that the first
// batch fills. REQUIRES: a config that passed its check.
CodecParameters InitialCodecParameters(const CodecConfig& config, uint64_t seed, const at::Device& device = at::kCPU);

// Network and codebooks, for a checkpoint.
CodecTensors AllTensors(const CodecParameters& parameters);
// The same without the head: what MimiEncoder::FromTensors() takes.
CodecTensors MimiTensors(const CodecParameters& parameters);

struct CodecLosses {
  at::Tensor total;                              // one number, with a gradient
  double absolute = 0, rms = 0, commitment = 0;  // not weighted; spectra in natural logarithms of energy
  std::vector<CodebookUse> use;                  // of each codebook in use
};

// samples [B, N] at 24 kHz, nominally in [-1, 1], N a multiple of 1920. With `training` the codebooks move; without,
// nothing changes: for a validation. kInvalidArgument: a shape, samples that are not finite, codebooks that there are
// not, no `training->random`; nothing has changed then. What LibTorch throws when memory runs out goes through.
// REQUIRES: a config that passed its check, and parameters of it, on the device of the samples.
absl::StatusOr<CodecLosses> CodecLoss(const CodecConfig& config, const CodecParameters& parameters,
                                      const at::Tensor& samples, int num_codebooks, const CodebookTraining* training);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_CODEC_H_
