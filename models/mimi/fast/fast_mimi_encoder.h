// FastMimiEncoder: the engine of MimiEncoder on the CPU, from samples to frames, in float or Bfloat16.
//
// What it computes is what MimiNetwork computes, in another order of sums; with Bfloat16 the operands of the matrix
// products (but those of the first convolution) have 8 bits of mantissa, the sums all of them. With pieces of one size
// it allocates nothing itself.
#ifndef DIARFLOW_MODELS_MIMI_FAST_FAST_MIMI_ENCODER_H_
#define DIARFLOW_MODELS_MIMI_FAST_FAST_MIMI_ENCODER_H_

#include <memory>

#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_engine.h"
#include "models/mimi/mimi_precision.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {

// REQUIRES: a filled configuration, and the weights of it.
std::unique_ptr<MimiEngine> MakeFastMimiEncoder(const MimiConfig& config, const MimiWeights& weights,
                                                MimiPrecision precision);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_FAST_FAST_MIMI_ENCODER_H_
