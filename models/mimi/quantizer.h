// The encoding half of Mimi's split residual vector quantiser.
#ifndef DIARFLOW_MODELS_MIMI_QUANTIZER_H_
#define DIARFLOW_MODELS_MIMI_QUANTIZER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {

// A code for every codebook and frame, and how clear the choice was.
struct QuantizedFrames {
  std::vector<int32_t> codes;       // row-major [codebooks, T]
  std::vector<int32_t> runners_up;  // the same shape: the second nearest entries; -1 where there is only one
  std::vector<double> margins;      // the same shape: (second best - best) / best Euclidean distance
};

// The latent is projected twice: for the first (semantic) codebook, and for the chain of all others, which starts from
// the latent anew. In a chain each codebook takes the entry nearest to what is left, and leaves the difference to the
// next. An entry is embedding_sum / max(cluster_usage, 1e-5).
//
// It works on the CPU, wherever the rest of the network is: entries are chosen in double, and it is a hundredth of the
// work.
class Quantizer {
 public:
  // REQUIRES: a filled configuration, and the weights of it.
  Quantizer(const MimiConfig& config, const MimiWeights& weights);

  int codebooks() const;

  // latent [T, D], contiguous, on any device. The first `codebooks` codebooks. Among entries at the same distance the
  // first is taken.
  QuantizedFrames Encode(const at::Tensor& latent, int codebooks) const;

 private:
  struct Codebook {
    at::Tensor entries;       // [entries, width]
    at::Tensor transposed;    // [width, entries], times -2
    at::Tensor square_norms;  // [entries]
  };
  struct Chain {
    at::Tensor projection;  // [D, width]
    std::vector<Codebook> codebooks;
  };

  static Chain MakeChain(const std::string& name, int codebooks, const MimiWeights& weights);
  static void EncodeChain(const Chain& chain, const at::Tensor& latent, int codebooks, QuantizedFrames* frames);

  Chain first_;
  Chain rest_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_QUANTIZER_H_
