// Weights and input of the adapter that its golden describes by formulas, made from the golden's own words.
#ifndef DIARFLOW_MODELS_ADAPTER_TESTING_ADAPTER_FILL_H_
#define DIARFLOW_MODELS_ADAPTER_TESTING_ADAPTER_FILL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/adapter/adapter_config.pb.h"
#include "models/adapter/adapter_weights.h"
#include "nlohmann/json.hpp"

namespace diarflow {

// The h of a name: the modulus is read from "fill".
int64_t AdapterFillHash(const nlohmann::json& golden, const std::string& name);

absl::StatusOr<AdapterWeights> FillAdapterWeights(const nlohmann::json& golden, const AdapterConfig& config);

// [B, T, in].
absl::StatusOr<FloatArray> FillAdapterInput(const nlohmann::json& golden, const std::vector<int64_t>& shape);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_ADAPTER_TESTING_ADAPTER_FILL_H_
