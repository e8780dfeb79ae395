// The weights and signals that the goldens of TitaNet were made with, from their formulas.
#ifndef DIARFLOW_MODELS_TITANET_TESTING_GOLDEN_FILL_H_
#define DIARFLOW_MODELS_TITANET_TESTING_GOLDEN_FILL_H_

#include "base/float_array.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// kLiteral: with the plain index for every tensor and no gains, which makes matrices of rank 2.
enum class GoldenFill { kFullRank, kLiteral };

// Every tensor that the network uses.
TensorTable TitanetGoldenTensors(GoldenFill fill);

// 1.5 s at 16 kHz, [24000].
FloatArray TitanetGoldenSignal();

// 6 s of a changing voice-like sound, [96000].
FloatArray SlidingGoldenSignal();

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TITANET_TESTING_GOLDEN_FILL_H_
