// Weights of a Mimi encoder under their released names, read from a table in any naming or made from a seed.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_WEIGHTS_H_
#define DIARFLOW_MODELS_MIMI_MIMI_WEIGHTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_names.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

using MimiWeights = std::map<std::string, FloatArray>;

// The naming most of whose names the table has. kInvalidArgument when it has none of any.
absl::StatusOr<MimiNaming> DetectMimiNaming(const TensorTable& tensors, const MimiConfig& config);

// Takes what encoding needs. The table must hold exactly these tensors, with their shapes, and may hold those of the
// decoder. kInvalidArgument names the table, the naming found, and each missing, surplus or misshapen tensor with the
// nearest name; so does a number that is not finite.
absl::StatusOr<MimiWeights> TakeMimiWeights(const TensorTable& tensors, const MimiConfig& config);

// Rows of q or k in the order of the transformers naming, [heads * width, columns], back in released order: inside
// each head row i < width / 2 goes to 2 i, and row width / 2 + i to 2 i + 1.
FloatArray InterleaveHeadRows(const FloatArray& rows, int heads);

// Seeded weights, the same on every machine: only integer arithmetic and correctly rounded float operations. Matrices
// are uniform with variance 1 / fan-in, codebook sums uniform with variance 1, biases 0, norms 1, usages 1.
MimiWeights RandomMimiWeights(const MimiConfig& config, uint64_t seed);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_WEIGHTS_H_
