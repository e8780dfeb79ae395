// Mimi's split residual vector quantiser for training, with the tensors that MimiEncoder takes from a checkpoint.
//
// The gradient of the output goes to the input as if nothing were quantised (straight through: van den Oord et al.,
// 2017). The codebooks learn by moving averages of what is assigned to them (Razavi et al., 2019), not by gradients. An
// entry that is hardly used is set to a frame of the batch instead, and a codebook that has seen nothing so far is
// filled with such frames (Dhariwal et al., 2020; Zeghidour et al., 2021).
#ifndef DIARFLOW_MODELS_CODEC_QUANTIZER_H_
#define DIARFLOW_MODELS_CODEC_QUANTIZER_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "base/random.h"
#include "models/codec/encoder.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/weights/take_tensors.h"

namespace diarflow {

// quantizer.rvq_first and .rvq_rest: output_proj.weight [D, width, 1], which Mimi's encoder does not need.
std::vector<ExpectedTensor> OutputProjectionTensors(const MimiConfig& config);

// How the codebooks move with a batch.
struct CodebookTraining {
  Random* random = nullptr;  // chooses the frames for unused entries
  double decay = 0.98;
  // Entries whose usage is below this part of their codebook's mean are set anew.
  double dead_below = 0.1;
};

// What became of one codebook in a batch.
struct CodebookUse {
  // exp(entropy) of the codes: from 1, one entry takes all, to the number of entries, all take the same.
  double perplexity = 0;
  int64_t set_anew = 0;  // entries
};

struct QuantizedBatch {
  at::Tensor values;      // [B, T, D]
  at::Tensor commitment;  // one number: the mean square of what the codebooks leave, over codebooks, frames and width
  std::vector<at::Tensor> codes;  // of each codebook in use, int64 [B, T]
  std::vector<CodebookUse> use;   // of each codebook in use
};

// latent [B, T, D] through the first `num_codebooks` codebooks. `projections` has the input and output projections,
// `codebooks` the rest; with `training`, which must have a `random` then, its numbers change in place, behind their
// use. REQUIRES: 1 <= num_codebooks <= those of the configuration, which is filled; its tensors.
QuantizedBatch QuantizeForTraining(const MimiConfig& config, const CodecTensors& projections,
                                   const CodecTensors& codebooks, const at::Tensor& latent, int num_codebooks,
                                   const CodebookTraining* training);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_QUANTIZER_H_
