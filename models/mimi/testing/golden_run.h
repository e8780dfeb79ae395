// All that a golden file of the Mimi encoder speaks of, computed anew.
#ifndef DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_RUN_H_
#define DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_RUN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/quantizer.h"
#include "models/mimi/testing/mimi_reference.h"
#include "nlohmann/json.hpp"

namespace diarflow {

// Sums over all numbers of a tensor, in double: taken once, however many files are compared with the run.
struct TensorSums {
  double magnitudes = 0;
  double mean = 0;
  double deviation = 0;  // of the population
};

struct GoldenRun {
  MimiConfig config;
  MimiWeights weights;
  FloatArray signal;
  std::map<std::string, TensorSums> sums;  // of the weights that the file checks, and of the parts

  // By the encoder under test.
  std::map<std::string, FloatArray> parts;  // what the observer saw: released name to [T, C]
  FloatArray latent25;                      // [T, D]
  FloatArray latent12;                      // [T, D]
  MimiCodes codes;
  QuantizedFrames quantized;  // codes again, with their margins

  // By the slow reference, in double.
  ReferenceFrames exact;             // latent12
  ReferenceFrames each_convolution;  // latent12 with the padding of the transformers library
  ReferenceFrames forgetful;         // latent12 as the package moshi streams; empty when the file does not speak of it
  std::vector<std::vector<int32_t>> exact_codes;
  std::vector<std::vector<int32_t>> forgetful_codes;
};

// Weights by the formulas of the file. `signal_path`: raw float32 samples; empty: by the formula of the file.
absl::StatusOr<GoldenRun> RunGolden(const nlohmann::json& golden, const std::string& signal_path);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_RUN_H_
