#include "models/adapter/testing/adapter_fill.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "models/testing/formula.h"

namespace diarflow {
namespace {

using nlohmann::json;

std::string FillText(const json& golden, const char* key) { return golden["fill"].value(key, ""); }

// `count` values of the formula "w_1d" or "w_nd" for a name.
absl::StatusOr<std::vector<double>> Wave(const json& golden, const char* rule, const std::string& name, int64_t count) {
  const std::string text = FillText(golden, rule);
  const size_t colon = text.find(':');
  ASSIGN_OR_RETURN(const Formula formula, Formula::Parse(colon == std::string::npos ? text : text.substr(colon + 1)));
  Formula::Names names;
  for (const auto& [constant, value] : golden["constants"].items()) names[constant] = {value.get<double>()};
  names["h"] = {static_cast<double>(AdapterFillHash(golden, name))};
  for (int64_t i = 0; i < count; ++i) names["i"].push_back(static_cast<double>(i));
  return formula.Evaluate(names, static_cast<size_t>(count));
}

}  // namespace

int64_t AdapterFillHash(const json& golden, const std::string& name) {
  const std::string text = FillText(golden, "h");
  const size_t mod = text.rfind("mod ");
  const int64_t modulus = mod == std::string::npos ? 0 : std::atoll(text.c_str() + mod + 4);
  int64_t sum = 0;
  for (size_t j = 0; j < name.size(); ++j) sum += static_cast<int64_t>(name[j]) * static_cast<int64_t>(j + 1);
  return modulus > 0 ? sum % modulus : -1;
}

absl::StatusOr<AdapterWeights> FillAdapterWeights(const json& golden, const AdapterConfig& config) {
  AdapterWeights weights;
  for (const ExpectedTensor& tensor : AdapterTensors(config)) {
    FloatArray values = FloatArray::Zeros(tensor.shape);
    const bool matrix = tensor.shape.size() >= 2;
    ASSIGN_OR_RETURN(const std::vector<double> wave,
                     Wave(golden, matrix ? "w_nd" : "w_1d", tensor.name, values.size()));
    float* out = values.mutable_data();
    for (const double w : wave) {
      if (absl::EndsWith(tensor.name, "bias")) {
        *out++ = static_cast<float>(0.1 * w);
      } else if (!matrix) {
        *out++ = static_cast<float>(1 + 0.2 * w);
      } else {
        *out++ = static_cast<float>(w * std::sqrt(2.0 / static_cast<double>(tensor.shape[1])));
      }
    }
    weights[tensor.name] = std::move(values);
  }
  return weights;
}

absl::StatusOr<FloatArray> FillAdapterInput(const json& golden, const std::vector<int64_t>& shape) {
  FloatArray input = FloatArray::Zeros(shape);
  ASSIGN_OR_RETURN(const std::vector<double> wave, Wave(golden, "w_nd", "input", input.size()));
  float* out = input.mutable_data();
  for (const double w : wave) *out++ = static_cast<float>(w);
  return input;
}

}  // namespace diarflow
