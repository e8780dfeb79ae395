// Weights and signals that a golden file describes by formulas, made again from its own words.
#ifndef DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_FILL_H_
#define DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_FILL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/weights/tensor_table.h"
#include "nlohmann/json.hpp"

namespace diarflow {

// The configuration of a golden file's "config".
absl::StatusOr<MimiConfig> GoldenConfig(const nlohmann::json& golden);

// The h of a name: the modulus is read from "fill".
absl::StatusOr<int64_t> GoldenHash(const nlohmann::json& golden, const std::string& name);

// All tensors that encoding needs, under their released names, by the formulas of "fill" and the "constants".
absl::StatusOr<TensorTable> GoldenWeights(const nlohmann::json& golden);

// "n_samples" samples by the formula of "signal".
absl::StatusOr<FloatArray> GoldenSignal(const nlohmann::json& golden);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_FILL_H_
